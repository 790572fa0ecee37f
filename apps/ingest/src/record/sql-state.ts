/** The SQLSTATE of a PostgreSQL error, empty for a broken connection or anything else. */
export function sqlState(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : '';
}

/** Deadlock or serialization: the same statement works the next time. */
export function isRetryable(error: unknown): boolean {
  return ['40P01', '40001'].includes(sqlState(error));
}

/** No partition for the row (rule U6). */
export function isPartitionMissing(error: unknown): boolean {
  return sqlState(error) === '23514';
}

/** Data that the database will never take: classes 22 and 23. */
export function isPoison(error: unknown): boolean {
  return /^2[23]/.test(sqlState(error));
}

/** A key that is taken: the row, or another of the batch, was stored before. */
export function isStoredBefore(error: unknown): boolean {
  return sqlState(error) === '23505';
}
