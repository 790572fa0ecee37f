import { COMPLETE_SESSION, LOCK_CUSTODY, MARK_DAYS, READ_STORED, rebuildHours } from '#database';
import { canonicalJson } from '#telemetry';
import type { Client } from 'pg';
import { dateArray, instantArray, int4Array } from './binary-array.js';
import { combine, dayOf, type Content, type Row } from './row.js';

interface StoredRow {
  place: number;
  metric: number;
  value: number | null;
  flags: number;
  placement_key: number | null;
  attributes: Record<string, unknown> | null;
  until_ms: number | null;
}

/** Rows whose key was already taken: how many are repeats, and which have other content (`id_reused`, rule U2). */
export interface Resolved {
  repeats: number;
  readonly reused: Row[];
}

interface Completion {
  readonly row: Row;
  readonly content: Content;
  readonly placementKey: number | null;
}

/** Settles rows whose key was stored before. Repeats cost one read; completing a session takes a transaction. */
export async function resolveConflicts(rows: readonly Row[], client: Client): Promise<Resolved> {
  if (rows.length === 0) return { repeats: 0, reused: [] };
  const first = await compare(rows, client);
  if (first.completions.length === 0) return first.resolved;
  await client.query('begin');
  try {
    await client.query(LOCK_CUSTODY);
    const { resolved, completions } = await compare(rows, client);
    for (const completion of completions) await complete(completion, client);
    await client.query('commit');
    return resolved;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function compare(
  rows: readonly Row[],
  client: Client,
): Promise<{ resolved: Resolved; completions: Completion[] }> {
  const resolved: Resolved = { repeats: 0, reused: [] };
  const completions: Completion[] = [];
  for (const stored of await readStored(rows, client)) {
    const row = rows[stored.place - 1];
    if (!row) continue;
    const content = combine(contentOf(stored), rowContent(row), row.draft.metric.kind === 'session');
    if (content === 'repeat') resolved.repeats += 1;
    else if (content === 'other') resolved.reused.push(row);
    else completions.push({ row, content, placementKey: stored.placement_key });
  }
  return { resolved, completions };
}

async function readStored(rows: readonly Row[], client: Client): Promise<StoredRow[]> {
  const values = [
    int4Array(rows.map(({ device }) => device.key)),
    instantArray(rows.map(({ atMs }) => atMs)),
    int4Array(rows.map(({ key }) => key)),
  ];
  return (await client.query<StoredRow>({ ...READ_STORED, values })).rows;
}

function contentOf({ metric, value, flags, until_ms: untilMs, attributes }: StoredRow): Content {
  return { metric, value, flags, untilMs, attributes: attributes === null ? null : canonicalJson(attributes) };
}

/** The comparable part of a row. */
export function rowContent({ draft, value, flags, untilMs, attributes }: Row): Content {
  return { metric: draft.metric.code, value, flags, untilMs, attributes };
}

/** Roll-ups cannot be subtracted from (first, last): the session's hour is made again from raw. */
async function complete({ row, content, placementKey }: Completion, client: Client): Promise<void> {
  const at = new Date(row.atMs);
  const until = content.untilMs === null ? null : new Date(content.untilMs);
  const { key, device } = row;
  await client.query({
    ...COMPLETE_SESSION,
    values: [device.key, at, key, until, content.value, content.flags, content.attributes],
  });
  await rebuildHours(client, device.key, [at, new Date(row.atMs + 1)]);
  if (placementKey === null) return;
  const { day, minutesLeft } = dayOf(device, row.atMs);
  await client.query({
    ...MARK_DAYS,
    values: [int4Array([placementKey]), dateArray([day]), int4Array([minutesLeft])],
  });
}
