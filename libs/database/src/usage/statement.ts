/** A prepared statement: `name` is what a connection prepares it under once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Anything that runs SQL: a `pg` client or pool, or a TypeORM entity manager. */
export interface QueryRunner {
  query(text: string, values?: unknown[]): Promise<unknown>;
}
