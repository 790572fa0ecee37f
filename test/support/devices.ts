import { municipality, node, user } from './builders.js';
import type { TestApi } from './api.js';

/** A municipality with two units and a technician at the first. */
export async function place(api: TestApi) {
  const root = await municipality(api);
  const [unit, otherUnit] = [await node(api, root), await node(api, root)];
  const as = api.as(await user(api, { role: 'technician', node: unit }));
  return { root, unit, otherUnit, as };
}

/** What a connected device has last said. */
export async function signal(api: TestApi, key: number, lastAt: Date): Promise<void> {
  await api.db.query(
    `insert into device_signal (device_key, connected, last_at, last_received_at, battery, battery_at, firmware)
    values ($1, true, $2, $2, 81, $2, '1.2')`,
    [key, lastAt],
  );
}

export const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);
