import { describe, expect, test } from 'vitest';
import { commandTopics, upwardTopic } from '#contracts';
import {
  type Channel,
  DEVICE,
  WILL,
  at,
  base64,
  connect,
  leave,
  lock,
  pause,
  publish,
  robot,
  runOf,
  time,
  unlock,
} from '../../../test/support/hand-made-run.js';
import type { Verdict } from './clause.js';
import { CLAUSES, judge } from './judge.js';
import type { ConnectSeen, Observation, PublishSeen, Run } from './observation.js';

type Edit = (one: Observation) => Observation | Observation[];
const edited = (edit: Edit, observations = lock()): Observation[] => observations.flatMap(edit);
const isOn = (one: Observation, channel: Channel): one is PublishSeen =>
  one.kind === 'publish' && one.topic === upwardTopic(DEVICE, channel);
const without = (kind: Observation['kind']): Observation[] => lock().filter((one) => one.kind !== kind);
const withoutOn = (channel: Channel): Observation[] => lock().filter((one) => !isOn(one, channel));
const connects = (given: Partial<ConnectSeen>): Observation[] =>
  edited((one) => (one.kind === 'connect' ? { ...one, ...given } : one));
const usages = (given: Partial<PublishSeen>): Observation[] =>
  edited((one) => (isOn(one, 'usage') ? { ...one, ...given } : one));
const states = (given: Partial<PublishSeen>): Observation[] =>
  edited((one) => (isOn(one, 'state') ? { ...one, ...given } : one));
/** One more usage on the last connection. */
const and = (content: unknown, given: Partial<PublishSeen> = {}): Observation[] => [
  ...lock(),
  publish('usage', [3, 300, content], given),
];
const until = (seconds: number): Observation[] => lock().filter(({ atMs }) => atMs <= at(seconds));

/** Clause → what makes it fail, and what leaves it unseen. */
const CASES: Record<string, { fails: (Observation[] | Run)[]; unseen: (Observation[] | Run)[] }> = {
  'mqtt-version': {
    fails: [[connect(1, 0, { protocolVersion: 5, outcome: 'wrong_protocol' })], connects({ protocolVersion: 3 })],
    unseen: [[]],
  },
  'log-in': { fails: [[connect(1, 0, { outcome: 'wrong_credentials', username: 'x' })]], unseen: [[]] },
  'client-id': {
    fails: [
      edited((one) => (one.kind === 'connect' ? { ...one, clientId: `random-${one.connection}` } : one)),
      connects({ clientId: '' }),
      [connect(1, 0, { outcome: 'no_client_id', clientId: '' })],
    ],
    unseen: [until(30), []],
  },
  'keep-alive': { fails: [connects({ keepaliveSeconds: 0 }), connects({ keepaliveSeconds: 301 })], unseen: [[]] },
  reconnect: {
    fails: [until(41), lock().filter(({ atMs }) => atMs < at(121))],
    unseen: [until(39), runOf(until(41), { seconds: 100 })],
  },
  'session-or-will': {
    fails: [connects({ clean: true, will: null }), connects({ clean: true, will: { ...WILL, topic: 'a' } })],
    unseen: [[]],
  },
  'last-will': {
    fails: [
      connects({ will: null }),
      connects({ will: { ...WILL, topic: upwardTopic('other', 'state') } }),
      connects({ will: { ...WILL, payload: base64({ state: 'offline' }) } }),
      connects({ will: { ...WILL, payload: base64('lost') } }),
      connects({ will: { ...WILL, payload: base64({ state: 'lost', at: time(0) }) } }),
      connects({ will: { ...WILL, retain: false } }),
      connects({ will: { ...WILL, qos: 0 } }),
    ],
    unseen: [[]],
  },
  'own-topics': {
    fails: [
      and('x', { topic: upwardTopic('other', 'usage') }),
      and('x', { topic: 'wt/v1/apparat-1/more' }),
      and('x', { topic: commandTopics(DEVICE).replace('#', 'response') }),
    ],
    unseen: [without('publish')],
  },
  'own-subscriptions': {
    fails: [edited((one) => (one.kind === 'subscribe' ? { ...one, filter: '#', isGranted: false } : one))],
    unseen: [[]],
  },
  'payload-size': { fails: [and('x'.repeat(65_537))], unseen: [without('publish')] },
  'state-online': {
    fails: [
      withoutOn('state'),
      lock().filter((one) => !(isOn(one, 'state') && one.connection === 3)),
      states({ payload: base64({ state: 'offline' }) }),
    ],
    unseen: [[connect(1, 0), leave(1, 20)]],
  },
  'state-valid': {
    fails: [states({ retain: false }), states({ qos: 0 }), states({ payload: base64({ state: 'on' }) })],
    unseen: [withoutOn('state')],
  },
  'health-valid': {
    fails: [
      [...lock(), publish('health', [3, 300, { battery: 101 }])],
      [...lock(), publish('health', [3, 300, 'ok'])],
    ],
    unseen: [withoutOn('health')],
  },
  battery: {
    fails: [edited((one) => (isOn(one, 'health') ? { ...one, payload: base64({ signal: -50 }) } : one))],
    unseen: [withoutOn('health')],
  },
  'not-silent': {
    // 3 × 3600 s for a lock, of which the 60 s refused do not count.
    fails: [runOf(lock(), { seconds: 3_602 + 10_900 })],
    unseen: [runOf(until(300), { seconds: 400 }), []],
  },
  heartbeat: { fails: [runOf(until(300), { seconds: 4_500 })], unseen: [runOf(until(300), { seconds: 400 }), []] },
  'usage-qos': { fails: [usages({ qos: 0 }), usages({ qos: 2 })], unseen: [withoutOn('usage')] },
  'usage-not-retained': { fails: [usages({ retain: true })], unseen: [withoutOn('usage')] },
  'usage-valid': {
    fails: [
      and('{"metric":'),
      and({ id: 'x' }),
      and({ id: 'x', metric: 'fly', at: time(300) }),
      and(unlock(9, 300, { value: 2 })),
      and(unlock(9, 300, { attributes: { result: 'perhaps' } })),
      and(unlock(9, 300, { until: time(299) })),
      and([]),
      and('', { payload: Buffer.from([0xff, 0xfe]).toString('base64') }),
    ],
    unseen: [withoutOn('usage')],
  },
  'usage-id': { fails: [and({ metric: 'unlock', at: time(300) })], unseen: [withoutOn('usage')] },
  'usage-id-unique': {
    fails: [and(unlock(1, 300)), and(unlock(1, 10, { attributes: { result: 'failure' } }))],
    unseen: [withoutOn('usage'), [publish('usage', [1, 1, { metric: 'unlock' }])]],
  },
  'usage-at': {
    fails: [and({ id: 'x', metric: 'unlock' }), and({ id: 'x', metric: 'unlock', at: 'yesterday' })],
    unseen: [withoutOn('usage')],
  },
  'usage-time-form': { fails: [and({ ...unlock(9, 300), at: at(300) / 1000 })], unseen: [withoutOn('usage')] },
  clock: {
    fails: [
      [publish('usage', [1, 10, unlock(1, 10 + 301)])],
      [publish('usage', [1, 1_000, unlock(1, 1_000 - 301)]), publish('usage', [1, 1_000, unlock(2, 0)])],
    ],
    unseen: [withoutOn('usage'), [publish('usage', [1, 1, { id: 'x', metric: 'unlock' }])]],
  },
  'session-end': {
    fails: [
      runOf(
        robot().filter(({ atMs }) => atMs !== at(600)),
        { family: 'sleep_robot' },
      ),
    ],
    unseen: [
      runOf(
        robot().filter(({ atMs }) => atMs < at(600)),
        { family: 'sleep_robot' },
      ),
      runOf([], { family: 'sleep_robot' }),
    ],
  },
  attributes: { fails: [and(unlock(9, 300, { attributes: { door: 'A' } }))], unseen: [withoutOn('usage')] },
  'personal-data': {
    fails: [
      and(unlock(9, 300, { attributes: { userName: 'x' } })),
      and(unlock(9, 300, { förnamn: 'x' })),
      and(unlock(9, 300, { attributes: { by: 'anna.andersson@example.se' } })),
      and(unlock(9, 300, { attributes: { by: '19121212-1212' } })), // the test number of the tax agency's own leaflet
      and(unlock(9, 300, { attributes: { by: '070-123 45 67' } })),
      and('opened by anna@example.se'),
    ],
    unseen: [without('publish')],
  },
  redelivery: {
    fails: [
      lock().filter(({ atMs }) => atMs !== at(43) && !(atMs >= at(50) && atMs <= at(120))), // 3,858 s to repeat it in
      edited((one) => (one.atMs === at(43) ? { ...one, payload: base64(unlock(4, 43)) } : one)),
    ],
    unseen: [until(30), runOf(until(42), { seconds: 60 })],
  },
  'redelivery-dup': {
    fails: [
      edited((one) => (one.atMs === at(43) ? { ...one, dup: false } : one)),
      edited((one) => (one.atMs === at(43) ? { ...one, messageId: 77 } : one)),
    ],
    unseen: [until(30), until(42)],
  },
  'offline-buffer': {
    // 6 openings in 60 s, then 60 s refused: 6 expected, none came.
    fails: [
      [
        ...[5, 15, 25, 35, 45, 55].map((seconds, index) => publish('usage', [1, seconds, unlock(index, seconds)])),
        pause('pause_began', 60),
        pause('pause_ended', 120),
        publish('usage', [2, 130, unlock(9, 130)]),
      ],
    ],
    // 4 openings before it: too few to miss any.
    unseen: [until(50), lock().filter(({ atMs }) => atMs !== at(127) && atMs !== at(50))],
  },
  sequence: {
    fails: [lock().filter(({ atMs }) => atMs !== at(50))],
    unseen: [
      withoutOn('usage'),
      edited((one) =>
        isOn(one, 'usage') ? { ...one, payload: base64({ id: `${one.payload}x`, metric: 'unlock' }) } : one,
      ),
    ],
  },
  'command-subscription': {
    fails: [without('subscribe'), edited((one) => (one.kind === 'subscribe' ? { ...one, qos: 0 } : one))],
    unseen: [[]],
  },
  'command-response': { fails: [lock().filter(({ atMs }) => atMs !== at(3))], unseen: [without('command')] },
};

const asRun = (given: Observation[] | Run): Run => (Array.isArray(given) ? runOf(given) : given);
const verdictOf = (id: string, run: Run): Verdict | undefined =>
  judge(run).clauses.find((clause) => clause.id === id)?.verdict;

describe('every clause', () => {
  test('has its cases, and an id of its own', () => {
    expect(CLAUSES.map(({ id }) => id)).toEqual(Object.keys(CASES));
  });

  test.each(CLAUSES.map(({ id }) => id))('%s passes a device that does it right', (id) => {
    const run = id === 'session-end' ? runOf(robot(), { family: 'sleep_robot' }) : runOf(lock());
    expect(judge(run).clauses.find((clause) => clause.id === id)).toMatchObject({ verdict: 'pass', mend: null });
  });

  test.each(Object.entries(CASES).flatMap(([id, { fails }]) => fails.map((given, index) => ({ id, index, given }))))(
    '$id fails a device that does not ($index)',
    ({ id, given }) => expect(verdictOf(id, asRun(given))).toBe('fail'),
  );

  test.each(Object.entries(CASES).flatMap(([id, { unseen }]) => unseen.map((given, index) => ({ id, index, given }))))(
    '$id says when it was not seen ($index)',
    ({ id, given }) => expect(verdictOf(id, asRun(given))).toBe('not_seen'),
  );

  test('says in both languages what it demands, what was seen and how to mend it', () => {
    const texts = CLAUSES.flatMap(({ title, mend, judge: judgeOne }) => [title, mend, judgeOne]);
    for (const text of texts) if (typeof text === 'object') expect([text.sv, text.en].every(Boolean)).toBe(true);
    for (const { seen } of judge(runOf([])).clauses) expect([seen.sv, seen.en].every(Boolean)).toBe(true);
  });
});
