import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Ecosystem, FamilyCode, MappingRule } from '#domain';
import type { MqttClient } from 'mqtt';
import type pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import type { Ingest } from '../../apps/ingest/src/ingest.js';
import { createInventory, type Inventory, startIngest, type TestDevice } from './ingest.js';

/** A gateway with its secret and where it connects to. */
export interface TestGateway {
  id: string;
  key: number;
  publicId: string;
  secret: string;
  port: number;
}

/**
 * A real ingest with a database of its own for the test file that calls this, ways to put gateways and mapped devices
 * there, and what is stored of them.
 */
export function useGateways() {
  let inventory: Inventory;
  let ingest: Ingest;
  beforeAll(async () => {
    inventory = await createInventory();
    ingest = await startIngest(inventory);
  });
  afterAll(async () => {
    await ingest?.stop();
    await inventory?.drop();
  });
  return {
    ...storedIn(() => inventory),
    port: (): number => ingest.port,
    restartIngest: async (): Promise<void> => {
      await ingest.stop();
      ingest = await startIngest(inventory);
    },
    addDevice: (): Promise<TestDevice> => inventory.addDevice(),
    addGateway: async (ecosystem: Ecosystem, prefix = ''): Promise<TestGateway> => ({
      ...(await addGateway(inventory, ecosystem, prefix)),
      port: ingest.port,
    }),
    /** A placed device of a product with a mapping. */
    addMapped: (ecosystem: Ecosystem, rules: MappingRule[], family?: FamilyCode): Promise<TestDevice> =>
      addMapped(inventory, { ecosystem, rules, ...(family ? { family } : {}) }),
    grant: (gateway: TestGateway, device: TestDevice, name: string): Promise<void> =>
      grant(inventory, { gateway, device, name }),
  };
}

/** Lets a gateway speak for a device under a name. */
export async function grant(
  inventory: Inventory,
  { gateway, device, name }: { gateway: Pick<TestGateway, 'id'>; device: TestDevice; name: string },
): Promise<void> {
  await inventory.pool.query(
    'insert into gateway_child (id, gateway_id, device_id, external_name) values ($1, $2, $3, $4)',
    [randomUUID(), gateway.id, device.id, name],
  );
}

/** A gateway of the municipality, with a secret. */
export async function addGateway(
  inventory: Inventory,
  ecosystem: Ecosystem,
  prefix: string,
): Promise<Omit<TestGateway, 'port'>> {
  const [id, publicId, secret] = [randomUUID(), `g-${randomBytes(5).toString('hex')}`, randomBytes(12).toString('hex')];
  const [{ id: root } = { id: '' }] = await inventory.rows<{ id: string }>(
    `select id from org_node where kind = 'municipality'`,
  );
  const [row] = await inventory.rows<{ key: number }>(
    `insert into gateway (id, public_id, root_id, owner_node_id, name, ecosystem, topic_prefix)
     values ($1, $2, $3, $3, $2, $4, $5) returning key`,
    [id, publicId, root, ecosystem, prefix],
  );
  await inventory.pool.query('insert into gateway_credential (id, gateway_id, secret_sha256) values ($1, $2, $3)', [
    randomUUID(),
    id,
    createHash('sha256').update(secret).digest(),
  ]);
  return { id, publicId, secret, key: row?.key ?? 0 };
}

/** A placed device of a product with a mapping. */
export async function addMapped(
  inventory: Inventory,
  { ecosystem, rules, ...given }: { ecosystem: Ecosystem; rules: MappingRule[]; family?: FamilyCode },
): Promise<TestDevice> {
  const device = await inventory.addDevice(given);
  await inventory.place(device);
  await inventory.pool.query(
    `insert into product_mapping (id, product_id, ecosystem, version, rules)
     select $1, product_id, $2, 1, $3 from device where id = $4`,
    [randomUUID(), ecosystem, JSON.stringify(rules), device.id],
  );
  return device;
}

const storedIn = (inventory: () => Inventory) => ({
  query: <T extends pg.QueryResultRow>(sql: string, values?: unknown[]) => inventory().rows<T>(sql, values),
  usagesOf: (key: number) =>
    inventory().rows<{ at: Date; until: Date | null; value: number | null; attributes: object | null; flags: number }>(
      'select at, until, value, attributes, flags from usage where device_key = $1 order by at, message_key',
      [key],
    ),
  signalOf: async (key: number) =>
    (await inventory().rows('select battery, signal_dbm, state from device_signal where device_key = $1', [key]))[0],
  rejectsOf: (where: string, values: unknown[]) =>
    inventory().rows<{ code: string; reason: string; topic: string; payload: Buffer | null }>(
      `select code, reason, topic, payload from rejected_message where ${where} order by id`,
      values,
    ),
});

/** A rule of a mapping: of no value and no attributes unless given. */
export const rule = (given: Partial<MappingRule> & Pick<MappingRule, 'field' | 'metric'>): MappingRule => ({
  value: 'none',
  attributes: {},
  ...given,
});

/** So many minutes ago, in whole seconds. */
export const ago = (minutes: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000);

export const leave = (client: MqttClient): Promise<void> => client.endAsync();
