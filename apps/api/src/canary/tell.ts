import type { EntityManager } from 'typeorm';
import type { Outbox } from '../notifications/raise/outbox.service.js';
import type { Flight } from './flight.js';

/** How a municipality's canary fares, since it took off. */
export interface Story {
  readonly rootId: string;
  readonly flight: Flight;
  readonly startedAt: Date;
}

/** Alarms for each canary that is silent, and says that it is over for every other one, also of one that has gone. */
export async function tellOf(tx: EntityManager, outbox: Outbox, stories: readonly Story[]): Promise<void> {
  const silent = stories.filter(({ flight }) => flight.state === 'silent');
  for (const { rootId, flight, startedAt } of silent) {
    const silentSeconds = Math.round((Date.now() - (flight.lastOkAt ?? startedAt).getTime()) / 1000);
    const about = { node: rootId };
    await outbox.raise(tx, {
      kind: 'canary_silent',
      about,
      data: { silentSeconds },
      dedupeKey: rootId,
      link: '/system',
    });
  }
  await outbox.closeOthers(
    tx,
    'canary_silent',
    silent.map(({ rootId }) => rootId),
  );
}
