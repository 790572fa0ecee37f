import { placementsApi } from '#contracts';
import { createPartition } from '#database';
import { mondayOf } from '../../apps/ingest/src/partitions.js';
import { type ApiClient, type RawAnswer, startApi, type TestApi } from './api.js';
import { device, municipality, node, user } from './builders.js';

const DAY_MS = 86_400_000;
export const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);

/** The API with partitions for usage of the last 15 weeks. */
export async function startApiWithWeeks(): Promise<TestApi> {
  const api = await startApi();
  for (let weeks = 15; weeks >= -1; weeks--)
    for (const sql of createPartition(mondayOf(daysAgo(7 * weeks).getTime()))) await api.db.query(sql);
  return api;
}

/** A municipality with two units, a technician at both of them, and a lock in stock at the first. */
export async function twoUnits(api: TestApi) {
  const root = await municipality(api);
  const area = await node(api, root, { kind: 'service_area' });
  const [unit, otherUnit] = [await node(api, area), await node(api, area)];
  const as = api.as(await user(api, { role: 'technician', node: area }));
  const lock = await device(api, unit, { lifecycle: 'in_stock' });
  return { root, area, unit, otherUnit, as, lock };
}

interface Asked {
  deviceId: string;
  nodeId: string;
  [term: string]: unknown;
}

/** Asks for a placement, in operation unless asked otherwise. */
export const put = (as: ApiClient, asked: Asked): Promise<RawAnswer> =>
  as.raw(placementsApi.place, { body: { purpose: 'operation', ...asked } });
