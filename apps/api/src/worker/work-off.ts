import { Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { evaluateDays } from './evaluate-days.js';
import type { Setbacks } from './setbacks.js';
import { claimDays, claimedDays, waitForBatches, type PlacementDay } from './worker.queries.js';

const DAYS_AT_ONCE = 200;

const logger = new Logger('Worker');

/**
 * One round: claims marks in a short transaction, waits for the batches that may have relied on them, then computes what
 * is claimed in another transaction. Claims that a crash has left are in that list as well. Answers how many
 * placement-days it took up.
 */
export async function workOff(tx: EntityManager, setbacks: Setbacks): Promise<number> {
  await claimDays(tx, DAYS_AT_ONCE);
  const days = await claimedDays(tx, { limit: DAYS_AT_ONCE, except: setbacks.waiting(Date.now()) });
  if (days.length === 0) return 0;
  await waitForBatches(tx);
  await evaluate(tx, setbacks, days);
  return days.length;
}

/** A failing placement-day is found by halves, so that it never stops the others. */
async function evaluate(tx: EntityManager, setbacks: Setbacks, days: readonly PlacementDay[]): Promise<void> {
  try {
    await tx.transaction((inner) => evaluateDays(inner, days));
    setbacks.forget(days);
  } catch (error) {
    if (tx.queryRunner?.isReleased) throw error; // the connection has gone: nothing is wrong with the days
    if (days.length === 1) return putOff(setbacks, days[0]!, error);
    const middle = Math.ceil(days.length / 2);
    await evaluate(tx, setbacks, days.slice(0, middle));
    await evaluate(tx, setbacks, days.slice(middle));
  }
}

function putOff(setbacks: Setbacks, day: PlacementDay, error: unknown): void {
  setbacks.note(day, Date.now());
  logger.error(
    new Error(
      `The qualifying units of placement ${day.placementKey} on ${day.day} could not be computed; tried again later.`,
      { cause: error },
    ),
  );
}
