import type { LineFaultView, UsageMessage } from '#contracts';
import { DeviceEntity, OrgNodeEntity, ProductEntity, UsageImportEntity, UserAccountEntity } from '#database';
import type { DeviceLifecycle, FamilyCode } from '#domain';
import type { LineFault } from '#telemetry';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';

/** A device that a file names. */
export interface FoundDevice {
  key: number;
  publicId: string;
  assetTag: string;
  serial: string | null;
  lifecycle: DeviceLifecycle;
  family: FamilyCode;
}

/**
 * The devices that lower-cased names mean, of the scope and below a node: by public id, else asset tag, else serial.
 * Several under one name when a serial is not unique. The root is the node's: each way to name a device has its index.
 */
export async function findDevices(
  tx: EntityManager,
  scope: Scope,
  { rootId, nodeId, names }: { rootId: string; nodeId: string; names: readonly string[] },
): Promise<Map<string, FoundDevice[]>> {
  const found = await scoped(tx, DeviceEntity, scope)
    .query()
    .innerJoin(OrgNodeEntity, 'owner', 'owner.id = row.owner_node_id and :nodeId = any(owner.path)', { nodeId })
    .innerJoin(ProductEntity, 'product', 'product.id = row.product_id')
    .andWhere('row.root_id = :rootId', { rootId })
    .andWhere(
      '(row.public_id = any(:names) or lower(row.asset_tag) = any(:names) or lower(row.serial) = any(:names))',
      { names },
    )
    .select('row.key', 'key')
    .addSelect('row.public_id', 'publicId')
    .addSelect('row.asset_tag', 'assetTag')
    .addSelect('row.serial', 'serial')
    .addSelect('row.lifecycle', 'lifecycle')
    .addSelect('product.family', 'family')
    .getRawMany<FoundDevice>();
  return new Map(names.map((name) => [name, meantBy(name, found)]));
}

function meantBy(name: string, devices: readonly FoundDevice[]): FoundDevice[] {
  const by = (pick: (device: FoundDevice) => string | null): FoundDevice[] =>
    devices.filter((device) => pick(device)?.toLowerCase() === name);
  const ways = [by(({ publicId }) => publicId), by(({ assetTag }) => assetTag), by(({ serial }) => serial)];
  return ways.find(({ length }) => length > 0) ?? [];
}

/** A line of a file: a usage of a device, or a fault. */
export interface ImportLine {
  line: number;
  deviceKey: number | null;
  usage: UsageMessage | null;
  fault: LineFault | null;
  written: string | null;
}

/** Stores lines of a file that is being read. */
export async function addLines(
  tx: EntityManager,
  _scope: Scope,
  { importId, lines }: { importId: string; lines: readonly ImportLine[] },
): Promise<void> {
  await tx.query(
    /* sql */ `insert into usage_import_line (import_id, line, device_key, usage, column_name, code, reason, written)
    select $1::uuid, l.line, l.device_key, l.usage::jsonb, l.column_name, l.code, l.reason, l.written
    from unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
      as l(line, device_key, usage, column_name, code, reason, written)`,
    [
      importId,
      lines.map(({ line }) => line),
      lines.map(({ deviceKey }) => deviceKey),
      lines.map(({ usage }) => (usage === null ? null : JSON.stringify(usage))),
      lines.map(({ fault }) => fault?.column ?? null),
      lines.map(({ fault }) => fault?.code ?? null),
      lines.map(({ fault }) => fault?.reason ?? null),
      lines.map(({ written }) => written),
    ],
  );
}

/** The lines of an import (SQL of its id), with the good ones that repeat another (the key of rule U1). */
const lineCounts = (importId: string): string => /* sql */ `
  select count(*)::int as lines, count(usage)::int as good, count(code)::int as bad,
    (count(usage) - count(distinct (device_key, usage->>'at', coalesce(usage->>'id', usage::text)))
      filter (where usage is not null))::int as repeated
  from usage_import_line where import_id = ${importId}`;

/** Counts the lines of a file that has been read. */
export async function countLines(
  tx: EntityManager,
  _scope: Scope,
  importId: string,
): Promise<{ lines: number; good: number; bad: number; repeated: number }> {
  const [row] = await tx.query<{ lines: number; good: number; bad: number; repeated: number }[]>(lineCounts('$1'), [
    importId,
  ]);
  return row ?? { lines: 0, good: 0, bad: 0, repeated: 0 };
}

/**
 * Closes uploads that began before an instant and have not ended, with what was read of them; answers how many. With a
 * fault they can be looked at, and not be sent.
 */
export async function closeUnended(
  tx: EntityManager,
  { begunBefore, fault }: { begunBefore: Date; fault: string },
): Promise<number> {
  const [row] = await tx.query<{ closed: number }[]>(
    /* sql */ `with closed as (
      update usage_import i set status = 'checked', fault = $2, lines = c.lines, good = c.good, bad = c.bad,
        repeated = c.repeated
      from usage_import r cross join lateral (${lineCounts('r.id')}) c
      where r.id = i.id and i.status = 'reading' and r.status = 'reading' and r.uploaded_at < $1 returning 1)
    select count(*)::int as closed from closed`,
    [begunBefore, fault],
  );
  return row?.closed ?? 0;
}

/** A good line on its way to the inbox. */
export interface GoodLine {
  line: number;
  deviceKey: number;
  publicId: string;
  usage: string;
}

/** The next good lines of a file in their order, at most `limit`. */
export async function nextLines(
  tx: EntityManager,
  _scope: Scope,
  { importId, after, limit }: { importId: string; after: number; limit: number },
): Promise<GoodLine[]> {
  return tx.query(
    /* sql */ `select l.line, l.device_key as "deviceKey", d.public_id as "publicId", l.usage::text as usage
    from usage_import_line l join device d on d.key = l.device_key
    where l.import_id = $1 and l.line > $2 and l.usage is not null
    order by l.line limit $3`,
    [importId, after, limit],
  );
}

/** A bad line with what was written there, safe for a spreadsheet. */
export type BadLine = LineFaultView & { written: string };

/** Bad lines in their order, at most `limit` after a line. */
export async function badLines(
  tx: EntityManager,
  _scope: Scope,
  { importId, after, limit }: { importId: string; after: number; limit: number },
): Promise<BadLine[]> {
  return tx.query(
    /* sql */ `select line, column_name as "column", code, reason, coalesce(written, '') as written
    from usage_import_line where import_id = $1 and line > $2 and code is not null order by line limit $3`,
    [importId, after, limit],
  );
}

/** An import with the names that its view shows. */
export type NamedImport = UsageImportEntity & { nodeName: string; uploadedByName: string; sentByName: string | null };

type Narrow = (query: SelectQueryBuilder<UsageImportEntity>) => SelectQueryBuilder<UsageImportEntity>;

/** Imports of the scope, newest first; `narrow` adds conditions. Files still being read are left out. */
export async function listImports(
  tx: EntityManager,
  scope: Scope,
  narrow: Narrow = (all) => all,
): Promise<NamedImport[]> {
  const query = narrow(readImports(tx, scope))
    .innerJoin(OrgNodeEntity, 'node', 'node.id = row.node_id')
    .innerJoin(UserAccountEntity, 'uploader', 'uploader.id = row.uploaded_by')
    .leftJoin(UserAccountEntity, 'sender', 'sender.id = row.sent_by')
    .addSelect('node.name', 'node_name')
    .addSelect('uploader.name', 'uploader_name')
    .addSelect('sender.name', 'sender_name')
    .orderBy('row.uploaded_at', 'DESC')
    .addOrderBy('row.id');
  const { entities, raw } = await query.getRawAndEntities<{
    node_name: string;
    uploader_name: string;
    sender_name: string | null;
  }>();
  return entities.map((entity, index) =>
    Object.assign(entity, {
      nodeName: raw[index]?.node_name ?? '',
      uploadedByName: raw[index]?.uploader_name ?? '',
      sentByName: raw[index]?.sender_name ?? null,
    }),
  );
}

/** How many imports the scope has; files still being read are left out. */
export function countImports(tx: EntityManager, scope: Scope): Promise<number> {
  return readImports(tx, scope).getCount();
}

const readImports = (tx: EntityManager, scope: Scope): SelectQueryBuilder<UsageImportEntity> =>
  scoped(tx, UsageImportEntity, scope).query().andWhere(`row.status <> 'reading'`);
