import { readConfig, type Config } from './config.js';
import { Ingest } from './ingest.js';
import { startLog } from './log.js';

/** What a supervisor is told over IPC; without one the process just runs. */
type Message = { type: 'ready'; lines: string[]; port: number } | { type: 'failed'; message: string };

function tell(message: Message): void {
  if (process.connected) process.send?.(message);
}

/** A supervisor kills what takes much longer; until then everything has its own, shorter limit. */
const LEAVE_MS = 20_000;

async function run(): Promise<void> {
  const config = readConfig();
  const log = startLog(config.logLevel);
  const ingest = await Ingest.start({ ...config, log });
  const leave = (): void => {
    setTimeout(() => process.exit(1), LEAVE_MS).unref();
    ingest.stop().then(() => process.exit(0), fail);
  };
  // A terminal's Ctrl-C and a supervisor may both tell us: stopping is idempotent and a second signal forces nothing.
  process.on('SIGTERM', leave);
  process.on('SIGINT', leave);
  process.on('disconnect', leave);
  if (process.send && !process.connected) leave();
  log.info({ port: ingest.port, bind: config.bind }, 'devices can connect');
  tell({ type: 'ready', lines: listenerLines(config, ingest.port), port: ingest.port });
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

function listenerLines({ bind }: Config, port: number): string[] {
  const line = `Devices: mqtt://${bind}:${port}`;
  if (LOOPBACK.includes(bind)) return [line];
  return [`${line} (WARNING: without TLS and beyond this machine; put a TLS proxy in front, or use a trusted network)`];
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  tell({ type: 'failed', message });
  process.stderr.write(`${message}\n`);
  process.exitCode = 1;
  // Lets the message out before the process ends.
  setTimeout(() => process.exit(1), 200);
}

run().catch(fail);
