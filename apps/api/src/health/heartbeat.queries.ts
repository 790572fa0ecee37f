import type { EntityManager } from 'typeorm';

/** Milliseconds since each service last wrote its heartbeat. */
export async function heartbeatAges(tx: EntityManager): Promise<Map<string, number>> {
  const rows = await tx.query<{ service: string; age_ms: number }[]>(
    /* sql */ `select service, extract(epoch from now() - at)::float8 * 1000 as age_ms from service_heartbeat`,
  );
  return new Map(rows.map((row) => [row.service, row.age_ms]));
}

/** Says that a service works at this moment. */
export async function writeHeartbeat(tx: EntityManager, service: string, status: object): Promise<void> {
  await tx.query(
    /* sql */ `insert into service_heartbeat (service, at, status) values ($1, now(), $2)
    on conflict (service) do update set at = excluded.at, status = excluded.status`,
    [service, JSON.stringify(status)],
  );
}
