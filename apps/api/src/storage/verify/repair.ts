import { METRIC_LISTS } from '#database';
import { addDays } from '#domain';
import type { DataSource } from 'typeorm';
import { rollUp } from '../../worker/roll-up.js';
import {
  daysOfDeviceHours,
  type Difference,
  differingDays,
  differingHours,
  differingMonths,
  rebuildDeviceHours,
} from './verify.queries.js';

const HOUR_MS = 3_600_000;
/** Ingest waits while hours are made again: so many in one transaction. */
const HOURS_AT_ONCE = 24;

/** Makes differing hours again from raw and the days they lie in from them; answers how many are right now. */
export async function repairHours(db: DataSource, deviceKey: number, found: readonly Difference[]): Promise<number> {
  const hours = [...new Set(found.map(({ at }) => at))].map((at) => new Date(at));
  for (let index = 0; index < hours.length; index += HOURS_AT_ONCE) {
    const some = hours.slice(index, index + HOURS_AT_ONCE);
    await db.transaction(async (tx) => {
      await rebuildDeviceHours(tx, deviceKey, some);
      await rollUp(tx, await daysOfDeviceHours(tx, deviceKey, some));
    });
  }
  const last = hours.at(-1)!;
  const left = await differingHours(db.manager, deviceKey, {
    from: hours[0]!,
    to: new Date(last.getTime() + HOUR_MS),
  });
  return Math.max(0, found.length - left.length);
}

/** Makes differing days and months again from hours; answers how many are right now. */
export async function repairRollUps(db: DataSource, deviceKey: number, found: readonly Difference[]): Promise<number> {
  const days = found.map(({ placementKey, at }) => ({ placementKey, day: at }));
  await db.transaction((tx) => rollUp(tx, days));
  const ats = found.map(({ at }) => at).sort();
  const range = { from: ats[0]!, to: addDays(ats.at(-1)!, 1) };
  const left =
    found[0]?.level === 'day'
      ? await differingDays(db.manager, deviceKey, { ...range, ...METRIC_LISTS })
      : await differingMonths(db.manager, deviceKey, range);
  return Math.max(0, found.length - left.length);
}
