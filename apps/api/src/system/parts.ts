import type { CanaryView, PartState, SystemPartView } from '#contracts';
import type { Heartbeat } from '../health/heartbeat.queries.js';
import { isFresh, isIngest } from '../health/part-state.js';

/** Whether jobs are done here, as this process sees it. */
export interface JobsState {
  readonly isOff: boolean;
  readonly isRunning: boolean;
  readonly failed: number;
}

/** Every part by itself: who writes heartbeats is judged by the last one, the others by what was just seen of them. */
export function partsOf(
  beats: readonly Heartbeat[],
  seen: { jobs: JobsState; canary: CanaryView; now: Date },
): SystemPartView[] {
  const at = seen.now.toISOString();
  const ingest = beats.filter(({ service }) => isIngest(service));
  return [
    { part: 'database', name: 'database', state: 'ok', seenAt: at },
    ...(ingest.length === 0 ? [neverStarted('ingest')] : ingest.map((beat) => partOf('ingest', beat))),
    workerPart(beats.find(({ service }) => service === 'worker')),
    { part: 'jobs', name: 'jobs', state: jobsState(seen.jobs), seenAt: at },
    { part: 'canary', name: 'canary', state: seen.canary.state, seenAt: seen.canary.seenAt },
  ];
}

const neverStarted = (part: 'ingest' | 'worker'): SystemPartView => ({
  part,
  name: part,
  state: 'never_started',
  seenAt: null,
});

const workerPart = (beat: Heartbeat | undefined): SystemPartView =>
  beat ? partOf('worker', beat) : neverStarted('worker');

const partOf = (part: 'ingest' | 'worker', beat: Heartbeat): SystemPartView => ({
  part,
  name: beat.service,
  state: stateOf(beat),
  seenAt: beat.at.toISOString(),
});

function stateOf({ state, status, ageMs }: Heartbeat): PartState {
  if (state === 'stopped') return 'stopped';
  if (!isFresh({ ageMs })) return 'silent';
  return state === 'degraded' || Number(status['failing'] ?? 0) > 0 ? 'degraded' : 'ok';
}

function jobsState({ isOff, isRunning, failed }: JobsState): PartState {
  if (isOff) return 'off';
  if (!isRunning) return 'silent';
  return failed > 0 ? 'degraded' : 'ok';
}
