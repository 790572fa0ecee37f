import type { CanaryView } from '#contracts';
import { describe, expect, test } from 'vitest';
import { type JobsState, partsOf } from './parts.js';

const now = new Date('2026-05-01T10:00:00Z');
const canary: CanaryView = {
  state: 'ok',
  reason: null,
  deviceId: null,
  lastOkAt: null,
  ackMs: 3,
  rowMs: 4,
  misses: 0,
  seenAt: now.toISOString(),
};
const jobs: JobsState = { isOff: false, isRunning: true, failed: 0 };
const beat = (service: string, ageSeconds: number, status: { state?: string; failing?: number } = {}) => ({
  service,
  at: new Date(now.getTime() - ageSeconds * 1000),
  ageMs: ageSeconds * 1000,
  state: status.state ?? null,
  status,
});
const statesOf = (beats: Parameters<typeof partsOf>[0], given: Partial<{ jobs: JobsState; canary: CanaryView }> = {}) =>
  Object.fromEntries(partsOf(beats, { jobs, canary, now, ...given }).map(({ name, state }) => [name, state]));

describe('the parts of the installation', () => {
  test('that have never started say so', () => {
    expect(statesOf([])).toEqual({
      database: 'ok',
      ingest: 'never_started',
      worker: 'never_started',
      jobs: 'ok',
      canary: 'ok',
    });
  });

  test('are each worker by itself, with its own age', () => {
    const beats = [beat('ingest', 2, { state: 'ok' }), beat('ingest-1', 40, { state: 'ok' }), beat('worker', 1)];
    expect(statesOf(beats)).toMatchObject({ ingest: 'ok', 'ingest-1': 'silent', worker: 'ok' });
    expect(partsOf(beats, { jobs, canary, now })[2]).toMatchObject({ seenAt: '2026-05-01T09:59:20.000Z' });
  });

  test.each([
    [beat('ingest', 900, { state: 'stopped' }), 'stopped'],
    [beat('ingest', 2, { state: 'degraded' }), 'degraded'],
    [beat('ingest', 16, { state: 'degraded' }), 'silent'],
    [beat('ingest', 15, { state: 'ok' }), 'ok'],
  ])('%j is %s', (given, state) => expect(statesOf([given])['ingest']).toBe(state));

  test('tell of a worker that cannot compute some days, and of failing jobs', () => {
    expect(statesOf([beat('worker', 1, { failing: 2 })])['worker']).toBe('degraded');
    expect(statesOf([], { jobs: { ...jobs, failed: 1 } })['jobs']).toBe('degraded');
    expect(statesOf([], { jobs: { ...jobs, isRunning: false } })['jobs']).toBe('silent');
    expect(statesOf([], { jobs: { ...jobs, isOff: true, isRunning: false } })['jobs']).toBe('off');
  });
});
