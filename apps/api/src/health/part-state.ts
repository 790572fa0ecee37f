import type { Heartbeat } from './heartbeat.queries.js';

/** Whether a part works, and what there is to say about it. */
export interface PartState {
  readonly ok: boolean;
  readonly message?: string;
}

/** A service that has not written its heartbeat for this long is not working. */
const LATEST_HEARTBEAT_MS = 15_000;
/** A worker that has been silent for longer is not waited for any more, as long as another one works. */
const EXPECTED_BACK_MS = 600_000;

/** A service of which there is one. */
export function serviceState(given: readonly Heartbeat[], service: string): PartState {
  const beat = given.find((one) => one.service === service);
  if (!beat) return { ok: false, message: 'has not started' };
  return isFresh(beat) ? { ok: true } : { ok: false, message: `silent for ${seconds(beat)} s` };
}

/**
 * Ingest may be several workers (`ingest`, `ingest-1`, …). It works when one does and none is missed: a worker that took
 * leave is not, nor is one that has been silent for ten minutes, which is told.
 */
export function ingestState(given: readonly Heartbeat[]): PartState {
  const workers = given.filter(({ service }) => isIngest(service));
  if (workers.length === 0) return { ok: false, message: 'has not started' };
  const present = workers.filter(({ state }) => state !== 'stopped');
  if (present.length === 0) return { ok: false, message: 'has stopped' };
  const silent = present.filter((beat) => !isFresh(beat));
  if (silent.length === 0) return { ok: true };
  const isMissed = silent.length === present.length || silent.some(({ ageMs }) => ageMs <= EXPECTED_BACK_MS);
  return { ok: !isMissed, message: silent.map((beat) => `${beat.service} silent for ${seconds(beat)} s`).join(', ') };
}

/** Whether a heartbeat is one of ingest's workers. */
export const isIngest = (service: string): boolean => /^ingest(-\d+)?$/.test(service);

/** Whether a service that wrote so long ago still counts as working. */
export const isFresh = ({ ageMs }: Pick<Heartbeat, 'ageMs'>): boolean => ageMs <= LATEST_HEARTBEAT_MS;
const seconds = ({ ageMs }: Heartbeat): number => Math.round(ageMs / 1000);
