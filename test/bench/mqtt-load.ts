/**
 * A publisher process with as little cost of its own as possible: plain TCP sockets that speak just the part of MQTT 3.1.1
 * that is needed to connect, publish at QoS 1 and count PUBACKs. Reads its plan from stdin, answers one line of JSON.
 */
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';

/** What to publish: every device sends `messages` usages and keeps at most `inFlight` unacknowledged. */
export interface LoadPlan {
  port: number;
  devices: { publicId: string; secret: string }[];
  messages: number;
  inFlight: number;
  /** Device time of the first usage in Unix ms; usage n is at n seconds behind it. */
  startMs: number;
  /** Whether usages carry attributes, as a lock's do. The limit's rows have none. */
  hasAttributes: boolean;
}

export interface LoadResult {
  acknowledged: number;
  seconds: number;
  ackP50Ms: number;
  ackP99Ms: number;
}

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

function publishPacket(topic: Buffer, n: number, { startMs, hasAttributes }: LoadPlan): Buffer {
  const id = Buffer.alloc(2);
  id.writeUInt16BE(packetId(n));
  const usage = { id: `m${n}`, metric: 'unlock', at: startMs + n * 1000, ...(hasAttributes && ATTRIBUTES) };
  return packet(0x32, Buffer.concat([topic, id, Buffer.from(JSON.stringify(usage))]));
}

interface Publisher {
  ready: Promise<void>;
  run(): Promise<void>;
  latencies: Float64Array;
  acknowledged(): number;
}

function publisher(plan: LoadPlan, device: LoadPlan['devices'][number]): Publisher {
  const socket: Socket = connect(plan.port, '127.0.0.1').setNoDelay(true);
  const topic = field(`wt/v1/${device.publicId}/usage`);
  const packets = Array.from({ length: plan.messages }, (_, n) => publishPacket(topic, n, plan));
  const sentAt = new Float64Array(plan.messages);
  const latencies = new Float64Array(plan.messages);
  const done = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  let sent = 0;
  let acked = 0;
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
  socket.on('connect', () => socket.write(connectPacket(device.publicId, device.secret)));
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk;
    let at = 0;
    for (; at + 4 <= pending.length; at += 4) {
      if (pending[at] === 0x20 && pending[at + 3] === 0) ready.resolve();
      else if (pending[at] === 0x40) onPuback(pending.readUInt16BE(at + 2));
      else ready.reject(new Error(`refused: ${pending.subarray(at, at + 4).toString('hex')}`));
    }
    pending = pending.subarray(at);
    if (acked === plan.messages) done.resolve();
    else if (acked > 0) sendMore();
  });
  socket.on('error', (error) => (ready.reject(error), done.reject(error)));
  socket.on('close', () => done.reject(new Error(`${device.publicId}: the connection closed after ${acked} PUBACKs`)));
  done.promise.finally(() => socket.end()).catch(() => undefined);
  return { ready: ready.promise, run: () => (sendMore(), done.promise), latencies, acknowledged: () => acked };
}

const plan = JSON.parse(await text(process.stdin)) as LoadPlan;
const publishers = plan.devices.map((device) => publisher(plan, device));
await Promise.all(publishers.map((one) => one.ready));
const started = performance.now();
await Promise.all(publishers.map((one) => one.run()));
const seconds = (performance.now() - started) / 1000;
const all = Float64Array.from(publishers.flatMap((one) => [...one.latencies])).sort();
const quantile = (share: number): number => all[Math.min(all.length - 1, Math.floor(share * all.length))] ?? Number.NaN;
const acknowledged = publishers.reduce((sum, one) => sum + one.acknowledged(), 0);
const result: LoadResult = { acknowledged, seconds, ackP50Ms: quantile(0.5), ackP99Ms: quantile(0.99) };
process.stdout.write(`${JSON.stringify(result)}\n`);
