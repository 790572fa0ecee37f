import { type Logger, pino } from 'pino';

/** A failed statement's parameters hold people's details, and a bad URL its password: neither reaches the log. */
const UNLOGGED = ['parameters', 'input', 'connectionString', 'password'];

/** Errors with their cause chain and own fields, but those that may hold secrets. */
export function loggedError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const fields = Object.entries(error).filter(([name]) => !UNLOGGED.includes(name) && name !== 'driverError');
  const { name: type, message, stack, cause } = error;
  return {
    ...Object.fromEntries(fields),
    type,
    message,
    stack,
    ...(cause === undefined ? {} : { cause: loggedError(cause) }),
  };
}

/** JSON lines on standard output. */
export const createLogger = (level: string): Logger => pino({ level, serializers: { err: loggedError } });
