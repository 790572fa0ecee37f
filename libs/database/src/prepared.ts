import type { PoolClient } from 'pg';
import type { EntityManager } from 'typeorm';
import type { Statement } from './usage/statement.js';

/**
 * Runs a statement that each of the pool's connections parses and plans once instead of every time: for what pages ask
 * again and again, whose planning takes longer than its reading. The plan may be of a time when the tables were empty, so
 * read what grows fast (usage and what is made of it) laterally, by its key and with `offset 0`: no statistics then make
 * PostgreSQL read a table whole. Within the transaction, when `tx` is of one. Throws PostgreSQL's own error.
 */
export async function prepared<Row extends object>(
  tx: EntityManager,
  { name, text }: Statement,
  values: unknown[],
): Promise<Row[]> {
  const runner = tx.queryRunner ?? tx.connection.createQueryRunner();
  try {
    const connection = (await runner.connect()) as PoolClient;
    const { rows } = await connection.query<Row>({ name, text, values });
    return rows;
  } finally {
    if (runner !== tx.queryRunner) await runner.release();
  }
}
