import { setTimeout as delay } from 'node:timers/promises';
import { telemetryApi } from '#contracts';
import { messageKey } from '#telemetry';
import type { TestDevice } from './ingest.js';
import type { Load } from './load.js';

/** What devices that speak HTTP have sent. */
export interface HttpLoad extends Pick<Load, 'acknowledged' | 'sent' | 'finish'> {
  /** Posts given once more with the same id, since no answer had come. */
  readonly repeated: () => number;
  /** Answers other than the one that takes the usage. */
  readonly refusals: readonly string[];
}

const LANES = 4;
/** All devices of a test share an address, which may send 200 requests a second. */
const PAUSE_MS = 60;
/** Every so many answers one gets lost on its way: a device cannot tell it from a post that never came. */
const LOST_EVERY = 10;

/** Every device posts its usages over some connections, and posts each again until it is answered. */
export function startHttpLoad(devices: readonly TestDevice[], url: string): HttpLoad {
  const acknowledged = new Set<string>();
  const refusals: string[] = [];
  let [sent, repeated, isOver] = [0, 0, false];

  async function send(device: TestDevice, lane: number): Promise<void> {
    for (let number = 0; !isOver; number += 1) {
      const [id, at] = [`${lane}-${number}`, Date.now()];
      const body = JSON.stringify({ id, metric: 'unlock', at, attributes: { result: 'success' } });
      sent += 1;
      if (number % LOST_EVERY === 0) await post(device, url, body);
      for (let answer = await post(device, url, body); answer !== TAKEN; answer = await post(device, url, body)) {
        if (answer !== null) refusals.push(answer);
        repeated += 1;
        await delay(PAUSE_MS);
      }
      acknowledged.add(`${device.key}/${at}/${messageKey(`=${id}`).low}`);
      await delay(PAUSE_MS);
    }
  }

  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const senders = devices.flatMap((device) => lanes.map((lane) => send(device, lane)));
  return {
    acknowledged,
    refusals,
    sent: () => sent,
    repeated: () => repeated,
    finish: async () => {
      isOver = true;
      await Promise.all(senders);
    },
  };
}

const TAKEN = '202 {"accepted":1,"rejected":[]}';

/** The answer; null when there was none, or not all of it. */
async function post({ publicId, secret }: TestDevice, url: string, body: string): Promise<string | null> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${publicId}:${secret}` };
  try {
    const answer = await fetch(url + telemetryApi.usage.path, { method: 'POST', headers, body });
    return `${answer.status} ${await answer.text()}`;
  } catch {
    return null;
  }
}
