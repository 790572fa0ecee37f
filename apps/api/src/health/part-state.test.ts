import { describe, expect, test } from 'vitest';
import { ingestState, serviceState } from './part-state.js';

const beat = (service: string, ageSeconds: number, state: string | null = 'ok') => ({
  service,
  at: new Date(Date.UTC(2026, 4, 1) - ageSeconds * 1000),
  ageMs: ageSeconds * 1000,
  state,
  status: { state },
});

describe('one service', () => {
  test.each([
    [[], { ok: false, message: 'has not started' }],
    [[beat('worker', 14)], { ok: true }],
    [[beat('worker', 40)], { ok: false, message: 'silent for 40 s' }],
  ])('%j', (given, state) => expect(serviceState(given, 'worker')).toEqual(state));
});

describe('ingest, of one worker or several', () => {
  test.each([
    ['none ever', [beat('worker', 1)], { ok: false, message: 'has not started' }],
    ['one', [beat('ingest', 1)], { ok: true }],
    ['the only one silent', [beat('ingest', 1_000)], { ok: false, message: 'ingest silent for 1000 s' }],
    ['the only one stopped', [beat('ingest', 1, 'stopped')], { ok: false, message: 'has stopped' }],
    ['one degraded: it works', [beat('ingest', 1, 'degraded')], { ok: true }],
    ['two', [beat('ingest', 1), beat('ingest-1', 2)], { ok: true }],
    ['one took leave', [beat('ingest', 1), beat('ingest-1', 900, 'stopped')], { ok: true }],
    ['the first took leave', [beat('ingest', 900, 'stopped'), beat('ingest-1', 1)], { ok: true }],
    ['one is missed', [beat('ingest', 1), beat('ingest-1', 40)], { ok: false, message: 'ingest-1 silent for 40 s' }],
    ['one is given up', [beat('ingest', 1), beat('ingest-1', 700)], { ok: true, message: 'ingest-1 silent for 700 s' }],
    [
      'all are given up',
      [beat('ingest', 800), beat('ingest-1', 700)],
      { ok: false, message: 'ingest silent for 800 s, ingest-1 silent for 700 s' },
    ],
  ])('%s', (_what, given, state) => expect(ingestState(given)).toEqual(state));
});
