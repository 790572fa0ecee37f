import { pino, type Logger } from 'pino';

/** One JSON line an event, on standard output. */
export function startLog(level: string): Logger {
  return pino({ name: 'ingest', level });
}
