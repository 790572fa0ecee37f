import { commandTopics, responseTopic, upwardTopic } from '#contracts';
import type { FamilyCode } from '#domain';
import type { ConnectSeen, Observation, PublishSeen, Run } from '../../apps/conformance/src/observation.js';

export const DEVICE = 'apparat-1';
export const START_MS = Date.UTC(2026, 10, 22, 8);
export const at = (seconds: number): number => START_MS + seconds * 1000;
export const time = (seconds: number): string => new Date(at(seconds)).toISOString();
export const base64 = (content: unknown): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64');

export const WILL = { topic: upwardTopic(DEVICE, 'state'), payload: base64({ state: 'lost' }), qos: 1, retain: true };

export function connect(connection: number, seconds: number, given: Partial<ConnectSeen> = {}): ConnectSeen {
  const login = {
    protocolVersion: 4,
    clientId: DEVICE,
    clean: false,
    keepaliveSeconds: 60,
    username: DEVICE,
    will: WILL,
  };
  return { kind: 'connect', outcome: 'accepted', atMs: at(seconds), connection, ...login, ...given };
}

export type Channel = 'usage' | 'state' | 'health';
export function publish(
  channel: Channel,
  [connection, seconds, content]: readonly [number, number, unknown],
  given: Partial<PublishSeen> = {},
): PublishSeen {
  const wire = { qos: 1, retain: channel === 'state', dup: false, messageId: 1, answer: 'acknowledged' } as const;
  const topic = upwardTopic(DEVICE, channel);
  return { kind: 'publish', topic, payload: base64(content), atMs: at(seconds), connection, ...wire, ...given };
}

export const unlock = (number: number, seconds: number, more: object = {}) => ({
  id: `u${number}`,
  metric: 'unlock',
  at: time(seconds),
  attributes: { result: 'success', actor_role: 'staff' },
  ...more,
});
export const online = (connection: number, seconds: number): PublishSeen =>
  publish('state', [connection, seconds, { state: 'online', at: time(seconds) }]);
export const leave = (connection: number, seconds: number, by: 'device' | 'kit' = 'kit'): Observation => ({
  kind: 'leave',
  atMs: at(seconds),
  connection,
  by,
});
export const pause = (kind: 'pause_began' | 'pause_ended', seconds: number): Observation => ({
  kind,
  atMs: at(seconds),
  connection: 0,
});

/** A lock that does everything right, watched for 65 minutes. */
export function lock(): Observation[] {
  const usage = (...[connection, seconds, number]: [number, number, number]) =>
    publish('usage', [connection, seconds, unlock(number, seconds)], { messageId: number });
  const filter = commandTopics(DEVICE);
  return [
    connect(1, 0),
    { kind: 'subscribe', atMs: at(1), connection: 1, filter, qos: 1, isGranted: true },
    { kind: 'command', atMs: at(2), connection: 0, commandId: 'kit-1' },
    publish('usage', [1, 3, 'done'], { topic: responseTopic(DEVICE, 'kit-1') }),
    online(1, 1),
    publish('health', [1, 2, { battery: 80, signal: -60, firmware: '1.2', at: time(2) }]),
    usage(1, 10, 1),
    usage(1, 20, 2),
    usage(1, 30, 3),
    { ...usage(1, 40, 4), answer: 'withheld' },
    leave(1, 40),
    connect(2, 42),
    online(2, 42),
    publish('usage', [2, 43, unlock(4, 40)], { messageId: 4, dup: true }),
    usage(2, 50, 5),
    pause('pause_began', 60),
    leave(2, 60),
    pause('pause_ended', 120),
    connect(3, 125),
    online(3, 126),
    publish('usage', [3, 127, [unlock(6, 80), unlock(7, 100)]]),
    usage(3, 200, 8),
    publish('health', [3, 3_602, { battery: 79, at: time(3_602) }]),
  ];
}

/** A sleep robot's night of two sessions, each told in a start and an end. */
export function robot(): Observation[] {
  const session = (...[id, from, until]: [string, number, number?]) => {
    const end = until === undefined ? {} : { until: time(until) };
    return { id, metric: 'session', at: time(from), attributes: { mode: 'breathe' }, ...end };
  };
  return [
    connect(1, 0),
    online(1, 1),
    publish('usage', [1, 10, session('s1', 10)]),
    publish('usage', [1, 600, session('s1', 10, 600)]),
    publish('usage', [1, 1_300, session('s2', 700, 1_300)]),
    publish('health', [1, 3_600, { battery: 50, at: time(3_600) }]),
  ];
}

export function runOf(
  observations: readonly Observation[],
  given: { family?: FamilyCode; seconds?: number } = {},
): Run {
  const { family = 'keyless_lock', seconds = 3_900 } = given;
  return { family, deviceId: DEVICE, startedAtMs: START_MS, endedAtMs: at(seconds), observations };
}
