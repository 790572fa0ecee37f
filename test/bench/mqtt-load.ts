/**
 * A publisher process with as little cost of its own as possible: plain TCP sockets that speak just the part of MQTT 3.1.1
 * that is needed to connect, publish at QoS 1 and count PUBACKs. Reads its plan from stdin, answers one line of JSON.
 */
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What to publish: every device sends `messages` messages and keeps at most `inFlight` unacknowledged. */
export interface LoadPlan {
  port: number;
  devices: { publicId: string; secret: string }[];
  messages: number;
  /** Usages a message: more than one is an array. */
  perMessage: number;
  inFlight: number;
  /** Messages a second over all devices; 0 = as fast as acknowledgements allow. */
  perSecond: number;
  /** Device time of the first usage in Unix ms; usage n is at n seconds behind it. */
  startMs: number;
  /** Whether usages carry attributes, as a lock's do. The limit's rows have none. */
  hasAttributes: boolean;
  /** Whether a device that is cut off comes back and sends again what was not acknowledged; otherwise a cut fails the run. */
  comesBack?: boolean;
}

export interface LoadResult {
  /** Usages. */
  acknowledged: number;
  seconds: number;
  ackP50Ms: number;
  ackP99Ms: number;
}

/** How long a server may be away before a device that comes back gives up. */
const COME_BACK_MS = 60_000;

const field = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Fixed header with the remaining length as MQTT's variable-byte integer [MQTT-2.2.3]. */
function packet(firstByte: number, body: Buffer): Buffer {
  const header = [firstByte];
  let rest = body.length;
  do {
    header.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

const connectPacket = (id: string, secret: string): Buffer =>
  packet(
    0x10,
    Buffer.concat([field('MQTT'), Buffer.from([4, 0b1100_0010, 0, 60]), field(id), field(id), field(secret)]),
  );

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

const usageOf = (n: number, { startMs, hasAttributes }: LoadPlan): object => ({
  id: `m${n}`,
  metric: 'unlock',
  at: startMs + n * 1000,
  ...(hasAttributes && ATTRIBUTES),
});

interface Publisher {
  ready: Promise<void>;
  /** Sends and goes on sending as acknowledgements come. */
  run(): Promise<void>;
  /** Sends one message more; false when there is none. */
  sendOne(): boolean;
  done: Promise<void>;
  latencies: Float64Array;
  acknowledged(): number;
}

function publisher(plan: LoadPlan, device: LoadPlan['devices'][number]): Publisher {
  let socket: Socket;
  const topic = field(`wt/v1/${device.publicId}/usage`);
  const packets = Array.from({ length: plan.messages }, (_, n) => publishPacket(topic, n, plan));
  const sentAt = new Float64Array(plan.messages);
  const latencies = new Float64Array(plan.messages);
  const done = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  let sent = 0;
  let acked = 0;
  let isUp = false;
  let cutAtMs = Number.NaN;
  let pending: Buffer = Buffer.alloc(0);

  const sendMore = (): void => {
    const until = Math.min(plan.messages, acked + plan.inFlight);
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
  const fail = (error: Error): void => (ready.reject(error), done.reject(error));
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
    if (acked === plan.messages) done.resolve();
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
  done.promise.finally(() => socket.end()).catch(() => undefined);
  const sendOne = (): boolean => {
    if (!isUp || sent === plan.messages || sent - acked >= plan.inFlight) return sent < plan.messages;
    sentAt[sent] = performance.now();
    socket.write(packets[sent] as Buffer);
    sent += 1;
    return true;
  };
  const run = (): Promise<void> => (sendMore(), done.promise);
  return { ready: ready.promise, run, sendOne, done: done.promise, latencies, acknowledged: () => acked };
}

/** Publishers take turns, so that messages come evenly from all devices. */
async function pace(all: readonly Publisher[], perSecond: number): Promise<void> {
  const startedAt = performance.now();
  let offered = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - startedAt) / 1000) * perSecond;
    for (; offered < due; offered += 1) all[offered % all.length]?.sendOne();
  }, 2);
  await Promise.all(all.map((one) => one.done)).finally(() => clearInterval(timer));
}

const plan = JSON.parse(await text(process.stdin)) as LoadPlan;
const publishers = plan.devices.map((device) => publisher(plan, device));
await Promise.all(publishers.map((one) => one.ready));
process.send?.({ type: 'publishing' });
const started = performance.now();
if (plan.perSecond === 0) await Promise.all(publishers.map((one) => one.run()));
else await pace(publishers, plan.perSecond);
const seconds = (performance.now() - started) / 1000;
const all = Float64Array.from(publishers.flatMap((one) => [...one.latencies])).sort();
const quantile = (share: number): number => all[Math.min(all.length - 1, Math.floor(share * all.length))] ?? Number.NaN;
const acknowledged = publishers.reduce((sum, one) => sum + one.acknowledged(), 0) * plan.perMessage;
const result: LoadResult = { acknowledged, seconds, ackP50Ms: quantile(0.5), ackP99Ms: quantile(0.99) };
process.stdout.write(`${JSON.stringify(result)}\n`);
