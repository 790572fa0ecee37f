import { type Day, hideSmallCounts, LONGEST_HELD_MONTHS, localDay, monthsLater } from '#domain';
import type { DataSource, EntityManager } from 'typeorm';
import {
  isMonthPending,
  listOldMonths,
  lockRollUps,
  readRoots,
  readUnitMonths,
  recordRun,
  type RetentionRun,
  type Root,
  rowsOfMonth,
  storeUnitMonths,
  type ToldMonth,
  type UnitMonth,
} from './retention.queries.js';
import type { Occasion } from './retain-raw.js';

/**
 * What is older than 24 months forgets its placement (rule K1): hours, days and months by placement become months by
 * unit, counts under 5 and their complement hidden (rule P4). Month by month, each in a transaction of its own; a month
 * whose days are still to be made waits. Answers what was done, or would be. `rootId` null = every municipality.
 */
export async function thinHours(
  db: DataSource,
  { now, dryRun, rootId }: Occasion & { rootId: string | null },
): Promise<RetentionRun[]> {
  const runs: RetentionRun[] = [];
  for (const root of await readRoots(db.manager, rootId)) {
    for (const month of await listOldMonths(db.manager, root.id, firstKeptMonth(root, now))) {
      const run = await db.transaction((tx) => thinMonth(tx, root, { month, now, dryRun }));
      if (run) runs.push(run);
    }
  }
  return runs;
}

/** The month that lay 24 months back when this month began, in the municipality's zone: it and later ones are kept whole. */
const firstKeptMonth = (root: Root, now: Date): Day =>
  `${localDay(monthsLater(now, -LONGEST_HELD_MONTHS).getTime(), root.zone).slice(0, 7)}-01`;

async function thinMonth(
  tx: EntityManager,
  root: Root,
  { month, now, dryRun }: Occasion & { month: Day },
): Promise<RetentionRun | null> {
  await lockRollUps(tx);
  if (await isMonthPending(tx, root.id, month)) return null;
  if (!dryRun) await storeUnitMonths(tx, month, tellable(root, await readUnitMonths(tx, root.id, month)));
  const rows = await rowsOfMonth(tx, root, { month, forget: !dryRun });
  const rule = `hours_${LONGEST_HELD_MONTHS}_months`;
  const run = { dryRun, rule, rows, rootId: root.id, subject: month.slice(0, 7), at: now };
  const done: RetentionRun = { kind: 'hours_thinned', heldRows: 0, ledgerRows: 0, held: [], ...run };
  await recordRun(tx, done);
  return done;
}

/** Each metric by itself: the units' months and the municipality's, as far as they may be told. */
function tellable(root: Root, months: readonly UnitMonth[]): ToldMonth[] {
  const byMetric = [...Map.groupBy(months, ({ metric }) => metric).entries()];
  return byMetric.flatMap(([metric, units]) => {
    const { parts, total } = hideSmallCounts(units.map(({ count }) => count));
    const told = units.map(({ node_id, sum }, index): ToldMonth => {
      const count = parts[index] ?? null;
      return { nodeId: node_id, isTotal: false, metric, count, sum: count === null ? null : sum };
    });
    const whole = total === null ? null : (units[0]?.whole_sum ?? null);
    return [...told, { nodeId: root.id, isTotal: true, metric, count: total, sum: whole }];
  });
}
