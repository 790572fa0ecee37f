/** What has happened since the process started. */
export interface Counters {
  messages: number;
  usages: number;
  repeats: number;
  rejects: number;
  batches: number;
  badLogins: number;
  refusedConnections: number;
  slowedMessages: number;
}

export function startCounters(): Counters {
  return {
    messages: 0,
    usages: 0,
    repeats: 0,
    rejects: 0,
    batches: 0,
    badLogins: 0,
    refusedConnections: 0,
    slowedMessages: 0,
  };
}
