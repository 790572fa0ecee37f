/** PostgreSQL cannot be started; the message says what is wrong and how to mend it, ready to be shown to a person. */
export class PostgresStartError extends Error {
  override readonly name = 'PostgresStartError';
}
