/**
 * A publisher process with as little cost of its own as possible: plain TCP sockets that speak just the part of MQTT 3.1.1
 * that is needed to connect, publish at QoS 1 and count PUBACKs. Reads its plan from stdin, answers one line of JSON.
 */
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { monotonicMs } from './machine.js';
import { connectPacket, field, packet } from './mqtt-packets.js';

/** What to publish: every device sends `messages` messages and keeps at most `inFlight` unacknowledged. */
export interface LoadPlan {
  port: number;
  devices: { publicId: string; secret: string }[];
  messages: number;
  /** How many of them come first and are not measured: a process that has just started runs code not compiled yet. */
  warmUp?: number;
  /** Usages a message: more than one is an array. */
  perMessage: number;
  inFlight: number;
  /** Messages a second over all devices; 0 = as fast as acknowledgements allow. */
  perSecond: number;
  /** Device time of the first usage in Unix ms; usage n is at n steps behind it. */
  startMs: number;
  /** A step of device time; a second unless given. */
  stepMs?: number;
  /** Whether usages carry attributes, as a lock's do. The limit's rows have none. */
  hasAttributes: boolean;
  /** Whether a device that is cut off comes back and sends again what was not acknowledged; otherwise a cut fails the run. */
  comesBack?: boolean;
  /** File to write when each message was sent, as {@link monotonicMs}: 64-bit floats, one device after the other. */
  sentAtFile?: string;
}

export interface LoadResult {
  /** Usages, warm-up and all. */
  acknowledged: number;
  /** Usages after the warm-up; what follows is of them. */
  measured: number;
  seconds: number;
  ackP50Ms: number;
  ackP99Ms: number;
}

/** How long a server may be away before a device that comes back gives up. */
const COME_BACK_MS = 60_000;

/** Packet ids 1…65,535 in turn; a device never has that many in flight. */
const packetId = (n: number): number => (n % 65_535) + 1;

const ATTRIBUTES = { attributes: { result: 'success', actor_role: 'staff' } };

function publishPacket(topic: Buffer, n: number, plan: LoadPlan): Buffer {
  const id = Buffer.alloc(2);
  id.writeUInt16BE(packetId(n));
  const usages = Array.from({ length: plan.perMessage }, (_, index) => usageOf(n * plan.perMessage + index, plan));
  return packet(
    0x32,
    Buffer.concat([topic, id, Buffer.from(JSON.stringify(plan.perMessage === 1 ? usages[0] : usages))]),
  );
}

const usageOf = (n: number, { startMs, stepMs = 1000, hasAttributes }: LoadPlan): object => ({
  id: `m${n}`,
  metric: 'unlock',
  at: startMs + Math.round(n * stepMs),
  ...(hasAttributes && ATTRIBUTES),
});

interface Publisher {
  ready: Promise<void>;
  /** From now on it has so many messages to send in all; resolves when they are acknowledged. */
  goal(messages: number): Promise<void>;
  /** Sends as many as may be in flight, and goes on as acknowledgements come. */
  run(): void;
  /** Sends one message more if one may be in flight. */
  sendOne(): void;
  leave(): void;
  sentAt: Float64Array;
  latencies: Float64Array;
  acknowledged(): number;
}

function publisher(plan: LoadPlan, device: LoadPlan['devices'][number]): Publisher {
  let socket: Socket;
  const topic = field(`wt/v1/${device.publicId}/usage`);
  const packets = Array.from({ length: plan.messages }, (_, n) => publishPacket(topic, n, plan));
  const sentAt = new Float64Array(plan.messages);
  const latencies = new Float64Array(plan.messages);
  let reached = Promise.withResolvers<void>();
  let goal = 0;
  const ready = Promise.withResolvers<void>();
  let sent = 0;
  let acked = 0;
  let isUp = false;
  let cutAtMs = Number.NaN;
  let pending: Buffer = Buffer.alloc(0);

  const sendMore = (): void => {
    const until = Math.min(goal, acked + plan.inFlight);
    if (sent >= until) return;
    const now = performance.now();
    sentAt.fill(now, sent, until);
    socket.write(Buffer.concat(packets.slice(sent, until)));
    sent = until;
  };
  const onPuback = (id: number): void => {
    // Acknowledgements leave in the order of the messages [MQTT-4.6.0-2]: anything else is a broken broker.
    if (id !== packetId(acked)) throw new Error(`PUBACK ${id} out of order, expected ${packetId(acked)}`);
    latencies[acked] = performance.now() - (sentAt[acked] ?? 0);
    acked += 1;
  };
  /** The session is a new one: what was on its way goes out as new messages, in order. */
  const onAccepted = (): void => {
    isUp = true;
    cutAtMs = Number.NaN;
    if (sent > acked) socket.write(Buffer.concat(packets.slice(acked, sent)));
    ready.resolve();
  };
  const fail = (error: Error): void => (ready.reject(error), reached.reject(error));
  const onClosed = (): void => {
    isUp = false;
    if (acked === plan.messages) return;
    cutAtMs = Number.isNaN(cutAtMs) ? performance.now() : cutAtMs;
    if (plan.comesBack && performance.now() - cutAtMs < COME_BACK_MS) setTimeout(open, 100);
    else fail(new Error(`${device.publicId}: the connection closed after ${acked} PUBACKs`));
  };
  const onData = (chunk: Buffer): void => {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    let at = 0;
    for (; at + 4 <= pending.length; at += 4) {
      if (pending[at] === 0x20 && pending[at + 3] === 0) onAccepted();
      else if (pending[at] === 0x40) onPuback(pending.readUInt16BE(at + 2));
      else ready.reject(new Error(`refused: ${pending.subarray(at, at + 4).toString('hex')}`));
    }
    pending = pending.subarray(at);
    if (acked === goal) reached.resolve();
    else if (acked > 0 && plan.perSecond === 0) sendMore();
  };
  const open = (): void => {
    pending = Buffer.alloc(0);
    socket = connect(plan.port, '127.0.0.1').setNoDelay(true);
    socket.on('connect', () => socket.write(connectPacket(device.publicId, device.secret)));
    socket.on('data', onData);
    socket.on('error', (error) => (plan.comesBack ? undefined : fail(error)));
    socket.on('close', onClosed);
  };
  open();
  const sendOne = (): void => {
    if (!isUp || sent === goal || sent - acked >= plan.inFlight) return;
    sentAt[sent] = performance.now();
    socket.write(packets[sent] as Buffer);
    sent += 1;
  };
  const setGoal = (messages: number): Promise<void> => {
    goal = messages;
    reached = Promise.withResolvers();
    if (acked === goal) reached.resolve();
    return reached.promise;
  };
  const leave = (): void => void socket.end();
  return {
    ready: ready.promise,
    goal: setGoal,
    run: sendMore,
    sendOne,
    leave,
    sentAt,
    latencies,
    acknowledged: () => acked,
  };
}

/** Has every device send up to so many messages, as fast as acknowledgements allow or at the plan's pace. */
async function sendUpTo(messages: number): Promise<void> {
  const reached = Promise.all(publishers.map((one) => one.goal(messages)));
  if (plan.perSecond > 0) return pace(reached);
  publishers.forEach((one) => one.run());
  await reached;
}

/** Publishers take turns, so that messages come evenly from all devices. */
async function pace(reached: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  let offered = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * plan.perSecond;
    for (; offered < due; offered += 1) publishers[offered % publishers.length]?.sendOne();
  }, 2);
  await reached.finally(() => clearInterval(timer));
}

/** This machine's monotonic clock is the same in every process. */
async function writeSentAt(file: string): Promise<void> {
  const lag = monotonicMs() - performance.now();
  await writeFile(
    file,
    publishers.map(({ sentAt }) => new Uint8Array(sentAt.map((ms) => ms + lag).buffer)),
  );
}

const plan = JSON.parse(await text(process.stdin)) as LoadPlan;
const publishers = plan.devices.map((device) => publisher(plan, device));
await Promise.all(publishers.map((one) => one.ready));
process.send?.({ type: 'connected' });
const { warmUp = 0 } = plan;
await sendUpTo(warmUp);
process.send?.({ type: 'publishing' });
const started = performance.now();
await sendUpTo(plan.messages);
const seconds = (performance.now() - started) / 1000;
const all = Float64Array.from(publishers.flatMap((one) => [...one.latencies.subarray(warmUp)])).sort();
const quantile = (share: number): number => all[Math.min(all.length - 1, Math.floor(share * all.length))] ?? Number.NaN;
publishers.forEach((one) => one.leave());
if (plan.sentAtFile) await writeSentAt(plan.sentAtFile);
const acknowledged = publishers.reduce((sum, one) => sum + one.acknowledged(), 0) * plan.perMessage;
const measured = all.length * plan.perMessage;
const result: LoadResult = { acknowledged, measured, seconds, ackP50Ms: quantile(0.5), ackP99Ms: quantile(0.99) };
process.stdout.write(`${JSON.stringify(result)}\n`);
