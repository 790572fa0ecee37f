import { isLoopback, readConfig, type Config } from './config.js';
import { Ingest } from './ingest.js';
import { startLog } from './log.js';
import { nameOf } from './subscribe/broker-login.js';
import { SlotTaken, WorkerSlot } from './worker-slot.js';

/** What a supervisor is told over IPC; without one the process just runs. */
type Message = { type: 'ready'; lines: string[]; port: number | null } | { type: 'failed'; message: string };

function tell(message: Message): void {
  if (process.connected) process.send?.(message);
}

/** A supervisor kills what takes much longer; until then everything has its own, shorter limit. */
const LEAVE_MS = 20_000;
const KEEP_SLOT_MS = 2_000;

async function run(): Promise<void> {
  const config = readConfig();
  const log = startLog(config.logLevel);
  const worker = await WorkerSlot.take(config.databaseUrl, config.wantedSlot);
  const ingest = await Ingest.start({ ...config, worker, log });
  const leave = (): void => {
    setTimeout(() => process.exit(1), LEAVE_MS).unref();
    ingest
      .stop()
      .then(() => worker.release())
      .then(() => process.exit(0), fail);
  };
  // A terminal's Ctrl-C and a supervisor may both tell us: stopping is idempotent and a second signal forces nothing.
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  process.on('disconnect', leave);
  if (process.send && !process.connected) leave();
  keepSlot(worker);
  const lines = config.broker ? [subscriberLine(config.broker)] : listenerLines(config, ingest);
  log.info({ worker: worker.number }, lines.join('; '));
  tell({ type: 'ready', lines, port: config.broker ? null : ingest.port });
}

/** Under another's name it must not go on; a database that is away for a while is no reason to end. */
function keepSlot(worker: WorkerSlot): void {
  const keep = (): void => {
    worker.keep().catch((error: unknown) => {
      if (error instanceof SlotTaken) fail(error);
    });
  };
  setInterval(keep, KEEP_SLOT_MS).unref();
}

function listenerLines({ bind, tls }: Config, { port, tlsPort }: Pick<Ingest, 'port' | 'tlsPort'>): string[] {
  const plain = `Devices: mqtt://${bind}:${port}`;
  const secure = tls ? [`Devices: mqtts://${tls.bind}:${tlsPort}`] : [];
  if (isLoopback(bind)) return [...secure, plain];
  return [...secure, `${plain} (WARNING: without TLS and beyond this machine; give it a certificate: MQTT_TLS_CERT)`];
}

const subscriberLine = ({ login }: NonNullable<Config['broker']>): string =>
  `Devices: ${nameOf(login)}, your own broker; its access rules say who is which device`;

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', message });
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  // Lets the message out before the process ends.
  setTimeout(() => process.exit(1), 200);
}

run().catch(fail);
