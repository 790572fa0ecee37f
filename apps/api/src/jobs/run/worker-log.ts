import { Logger as NestLogger } from '@nestjs/common';
import { type LogLevel, Logger } from 'graphile-worker';

const logger = new NestLogger('Jobs');

/** The library's remarks in our log. It calls every job done worth an `info`; to us that is detail. Payloads are left out. */
export const toNestLogger = new Logger(() => (level, message) => {
  if (level === 'error' || level === 'warning') sayTrouble(level, String(message));
  else logger.debug(String(message));
});

/** Without the remarks: each of the twenty migrations has one. */
export const onlyTrouble = new Logger(() => (level, message) => sayTrouble(level, String(message)));

function sayTrouble(level: LogLevel, message: string): void {
  if (level === 'error') logger.error(message);
  else if (level === 'warning') logger.warn(message);
}
