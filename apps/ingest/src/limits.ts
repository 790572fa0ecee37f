/** What one device or one address may take. Refusals are counted and shown in the heartbeat. */
export interface Limits {
  /** A packet beyond this ends the connection before its body is read; up to it a payload is rejected and acknowledged. */
  readonly packetBytes: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
  readonly connectionsPerDevice: number;
  /** Durable sessions (clean=false) under different client ids, for as long as the process lives. */
  readonly sessionsPerDevice: number;
  readonly subscriptionsPerClient: number;
  /** Usages a second that a device may send for long, and how many at once. */
  readonly usagesPerSecond: number;
  readonly usagesAtOnce: number;
  /** Bytes of messages taken and not yet acknowledged, over all devices; beyond it nobody is read on. */
  readonly unacknowledgedBytes: number;
  /** Answers to bad log-ins that may be pending per address; beyond it the connection just ends. */
  readonly badLoginsPending: number;
  readonly badLoginDelayMs: number;
  readonly badLoginDelayMaxMs: number;
}

export const LIMITS: Limits = {
  packetBytes: 262_144,
  connections: 20_000,
  connectionsPerAddress: 2_000,
  connectionsPerDevice: 8,
  sessionsPerDevice: 4,
  subscriptionsPerClient: 10,
  usagesPerSecond: 5_000,
  usagesAtOnce: 20_000,
  unacknowledgedBytes: 64 * 2 ** 20,
  badLoginsPending: 50,
  badLoginDelayMs: 100,
  badLoginDelayMaxMs: 10_000,
};
