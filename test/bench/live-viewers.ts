/**
 * A process of browsers, as far as the server can tell: every viewer logs in with a session of its own, watches its unit's
 * page over socket.io and notes when a delta counts a message of a device for the first time. Reads its plan from stdin;
 * says `watching`; answers one line of JSON when it is told to finish.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type LiveDelta, type LiveUnitView, type MetricCountView, SOCKET_PATH, type WatchAnswer } from '#contracts';
import { io } from 'socket.io-client';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import type { BenchViewer } from './live-scene.js';
import { monotonicMs } from './machine.js';

/** Who watches, and what will be sent: device n, tagged with its public id, sends `messages` and stands at one of the units. */
export interface ViewersPlan {
  url: string;
  viewers: BenchViewer[];
  /** Public ids; the n-th device's messages are the n-th of the file that tells when they were sent. */
  devices: string[];
  messages: number;
  /** The messages of a device that come first and are not measured. */
  warmUp: number;
  /** See LoadPlan. */
  sentAtFile: string;
}

/** From when each message was sent to its first delta at each viewer of its unit. */
export interface ViewersResult {
  p50Ms: number;
  p95Ms: number;
  p99Ms: number;
  longestMs: number;
  /** Pairs of a message and a viewer that were measured. */
  measured: number;
  /** Pairs of a message (warm-up and all) and a viewer that never came. */
  unseen: number;
  /** Deltas that did not continue the revision before. */
  gaps: number;
  /** Of each viewer, from the first measured message on. */
  deltasPerSecond: number;
  bytesPerSecond: number;
}

/** Everything has been acknowledged when waiting begins: what takes longer was forgotten. */
const SEEN_WITHIN_MS = 10_000;
const CONNECT_AT_ONCE = 20;

const plan = JSON.parse(await text(process.stdin)) as ViewersPlan;
const indexOf = new Map(plan.devices.map((publicId, index) => [publicId, index]));
/** The same for all viewers of a page. */
const indexOfPlacement = new Map<string, number>();
const startedAt = monotonicMs();
let gaps = 0;
let isMeasuring = false;
let deltas = 0;
let bytes = 0;

/** Device → when each of its messages was seen, in ms from the start; NaN = not yet. */
type Seen = Map<number, Float32Array>;

async function watch({ token, unitId }: BenchViewer): Promise<Seen> {
  const seen: Seen = new Map();
  const extraHeaders = { cookie: `${SESSION_COOKIE}=${token}` };
  const options = { path: SOCKET_PATH, transports: ['websocket'], reconnection: false, forceNew: true };
  const socket = io(plan.url, { ...options, extraHeaders });
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  const fail = (why: string) => () => {
    throw new Error(`A viewer was left alone: ${why}`);
  };
  socket.on('disconnect', fail('disconnected')).on('ended', fail('ended'));
  socket.io.engine.on('packet', ({ data }: { data?: string }) => void (isMeasuring && (bytes += data?.length ?? 0)));
  let revision = Number.NaN;
  socket.on('delta', (delta: LiveDelta) => {
    if (!Number.isNaN(revision) && delta.revision !== revision + 1) gaps += 1;
    revision = delta.revision;
    if (isMeasuring) deltas += 1;
    note(seen, delta);
  });
  const answer = (await socket.emitWithAck('watch', { kind: 'unit', id: unitId })) as WatchAnswer;
  if (!answer.ok) throw new Error(`A page is not to be watched: ${answer.code}`);
  if (Number.isNaN(revision)) revision = answer.revision;
  await fetchSnapshot(unitId, extraHeaders);
  return seen;
}

/** As a browser does; a message counts from its first delta on, so the snapshot only tells which device is where. */
async function fetchSnapshot(unitId: string, headers: { cookie: string }): Promise<void> {
  const response = await fetch(`${plan.url}/api/live/units/${unitId}`, { headers });
  if (!response.ok) throw new Error(`A snapshot was refused: ${response.status}`);
  const { devices } = (await response.json()) as LiveUnitView;
  for (const { placementId, assetTag } of devices) indexOfPlacement.set(placementId, indexOf.get(assetTag) ?? -1);
}

/** A device's messages are stored in the order of their sending: a count of n holds the first n. */
function note(seen: Seen, { devices = [], changes = [] }: LiveDelta): void {
  const now = monotonicMs() - startedAt;
  for (const { placementId, today } of [...devices, ...changes])
    if (today) noteCount(seen, indexOfPlacement.get(placementId), { count: countIn(today), now });
}

const countIn = (today: readonly MetricCountView[]): number => today[0]?.count ?? 0;

function noteCount(seen: Seen, index: number | undefined, { count, now }: { count: number; now: number }): void {
  if (index === undefined) return;
  let times = seen.get(index);
  if (!times) seen.set(index, (times = new Float32Array(plan.messages).fill(Number.NaN)));
  for (let n = count - 1; n >= 0 && Number.isNaN(times[n]); n -= 1) times[n] = now;
}

const isComplete = (seen: Seen, unitId: string): boolean =>
  seen.size === devicesAt.get(unitId) && [...seen.values()].every((times) => !Number.isNaN(times.at(-1)));

async function untilComplete(): Promise<void> {
  for (const deadline = monotonicMs() + SEEN_WITHIN_MS; monotonicMs() < deadline; await delay(50))
    if (plan.viewers.every(({ unitId }, index) => isComplete(all[index]!, unitId))) return;
}

/** The viewers' units take turns, and the devices' do likewise (live-scene.ts). */
const unitIds = [...new Set(plan.viewers.map(({ unitId }) => unitId))];
const devicesAt = new Map(
  unitIds.map((id, place) => [id, plan.devices.filter((_, index) => index % unitIds.length === place).length]),
);

const all: Seen[] = [];
for (let from = 0; from < plan.viewers.length; from += CONNECT_AT_ONCE)
  all.push(...(await Promise.all(plan.viewers.slice(from, from + CONNECT_AT_ONCE).map(watch))));
process.send?.({ type: 'watching' });

await once(process, 'message'); // the warm-up is over
isMeasuring = true;
const measuredFrom = monotonicMs();
await once(process, 'message'); // all was sent
isMeasuring = false;
const seconds = (monotonicMs() - measuredFrom) / 1000;
await untilComplete();

const file = await readFile(plan.sentAtFile);
const sentAt = new Float64Array(file.buffer, file.byteOffset, file.byteLength / 8);
const expected = plan.viewers.reduce((sum, { unitId }) => sum + (devicesAt.get(unitId) ?? 0) * plan.messages, 0);
let found = 0;
const latencies: number[] = [];
for (const seen of all) {
  for (const [device, times] of seen) {
    for (let n = 0; n < plan.messages; n += 1) {
      const seenAt = times[n] ?? Number.NaN;
      if (Number.isNaN(seenAt)) continue;
      found += 1;
      if (n >= plan.warmUp) latencies.push(seenAt + startedAt - (sentAt[device * plan.messages + n] ?? Number.NaN));
    }
  }
}
const sorted = Float64Array.from(latencies).sort();
const quantile = (share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
const result: ViewersResult = {
  p50Ms: quantile(0.5),
  p95Ms: quantile(0.95),
  p99Ms: quantile(0.99),
  longestMs: quantile(1),
  measured: sorted.length,
  unseen: expected - found,
  gaps,
  deltasPerSecond: deltas / seconds / plan.viewers.length,
  bytesPerSecond: bytes / seconds / plan.viewers.length,
};
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit());
