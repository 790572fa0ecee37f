import type { EntityManager } from 'typeorm';

/** Runs one of the statements that remove a batch of old rows; answers how many. */
export async function removeBatch(tx: EntityManager, statement: string, limit: number): Promise<number> {
  const [row] = await tx.query<{ removed: number }[]>(statement, [limit]);
  return row?.removed ?? 0;
}
