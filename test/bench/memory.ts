import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { migrate } from '#database';
import { pickPort } from '../support/free-port.js';
import { runBuilt } from '../support/run-node.js';
import { type BenchDevice, registerFleet } from './fleet.js';
import { childrenOf, describeMachine, type Machine, memoryKb, memoryOfAllKb } from './machine.js';
import { connectPacket } from './mqtt-packets.js';
import { publish, startIngest, stop } from './product.js';
import { createDatabase, type Server, withServer } from './server.js';
import { rowOf } from './table.js';

/** How large a run is. */
export interface MemoryBenchOptions {
  /** Devices of the whole product, each with a connection and a message a minute. */
  devices: number;
  /** How long they send before memory is read. */
  seconds: number;
  /** Connections of the broker; the first `devices` of them are not counted. */
  connections: number;
}

export interface MemoryBenchResult {
  machine: Machine;
  options: MemoryBenchOptions;
  /** Everything that `npm start` runs but the simulator, in MB, without PostgreSQL's shared memory. */
  wholeMb: number;
  wholeMbByPart: { programs: number; postgres: number };
  /** What each connection beyond the first `devices` adds to ingest, in kB. */
  kbPerFurtherConnection: number;
}

/** Measures what memory the product takes as a whole, and what a further connection adds (target S9). */
export async function benchMemory(options: MemoryBenchOptions): Promise<MemoryBenchResult> {
  return withServer(async (server) => {
    const wholeMbByPart = await measureWhole(server, options);
    const kbPerFurtherConnection = await measureConnections(server, options);
    const wholeMb = wholeMbByPart.programs + wholeMbByPart.postgres;
    return { machine: describeMachine(), options, wholeMb, wholeMbByPart, kbPerFurtherConnection };
  });
}

async function measureWhole(
  server: Server,
  { devices: count, seconds }: MemoryBenchOptions,
): Promise<MemoryBenchResult['wholeMbByPart']> {
  const databaseUrl = await createDatabase(server, 'whole');
  const dataDir = await mkdtemp(join(tmpdir(), 'nyttospar-memory-'));
  const [http, port] = [await pickPort(), await pickPort()];
  const ports = { HTTP_PORT: String(http), MQTT_PORT: String(port) };
  const env = {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    DEMO: 'off',
    SIMULATOR: 'off',
    ...ports,
  };
  const hub = runBuilt('apps/hub/start.js', [], { env });
  try {
    await hub.says(/Nyttospår is ready/);
    const devices = await registerFleet(databaseUrl, count);
    const messages = Math.max(1, Math.round(seconds / 60));
    const startMs = Date.now() - 3_600_000;
    const load = { messages, perMessage: 1, inFlight: 1, perSecond: count / 60, startMs, hasAttributes: true };
    await delay(CUSTODY_SEEN_MS);
    await publish({ port, devices, ...load });
    const hubPid = hub.child.pid ?? 0;
    const programs = memoryOfAllKb([hubPid, ...childrenOf(hubPid)]);
    const postgres = memoryOfAllKb([server.postgresPid, ...childrenOf(server.postgresPid)]);
    return { programs: programs / 1000, postgres: postgres / 1000 };
  } finally {
    await stop(hub);
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Ingest looks for new devices every two seconds. */
const CUSTODY_SEEN_MS = 5_000;
/** Log-ins are not to queue up for longer than their time. */
const AT_ONCE = 500;

async function measureConnections(
  server: Server,
  { devices: before, connections }: MemoryBenchOptions,
): Promise<number> {
  const databaseUrl = await createDatabase(server, 'connections');
  await migrate(databaseUrl);
  const devices = await registerFleet(databaseUrl, connections);
  const port = await pickPort();
  const ingest = await startIngest({ databaseUrl, port });
  const pid = ingest.child.pid ?? 0;
  const sockets: Socket[] = [];
  const logInAll = async (some: readonly BenchDevice[]): Promise<void> => {
    for (let from = 0; from < some.length; from += AT_ONCE)
      sockets.push(...(await Promise.all(some.slice(from, from + AT_ONCE).map((device) => logIn(device, port)))));
  };
  try {
    await logInAll(devices.slice(0, before));
    const beforeKb = memoryKb(pid);
    await logInAll(devices.slice(before));
    return (memoryKb(pid) - beforeKb) / (connections - before);
  } finally {
    sockets.forEach((socket) => socket.destroy());
    await stop(ingest);
  }
}

async function logIn({ publicId, secret }: BenchDevice, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(connectPacket(publicId, secret));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  if (answer[3] !== 0) throw new Error(`${publicId} was refused: ${answer.toString('hex')}`);
  return socket;
}

/** The result as a table for people. */
export function describeMemory({ machine, options, ...result }: MemoryBenchResult): string {
  const { programs, postgres } = result.wholeMbByPart;
  const row = rowOf(52, 14);
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}\n`,
    row(`all of it with ${options.devices} devices, a message a minute, MB`, result.wholeMb.toFixed(0)),
    row('  programs + PostgreSQL', `${programs.toFixed(0)} + ${postgres.toFixed(0)}`),
    row(`a connection from ${options.devices} to ${options.connections}, kB`, result.kbPerFurtherConnection.toFixed(1)),
  ].join('');
}
