import type { EntityManager } from 'typeorm';

/** When a service last wrote its heartbeat, and what it told; its state is `stopped` when it took leave. */
export interface Heartbeat {
  readonly service: string;
  readonly at: Date;
  readonly ageMs: number;
  readonly state: string | null;
  readonly status: Readonly<Record<string, unknown>>;
}

/** The last heartbeat of every service. */
export async function heartbeats(tx: EntityManager): Promise<Heartbeat[]> {
  return tx.query<Heartbeat[]>(/* sql */ `
    select service, at, extract(epoch from now() - at)::float8 * 1000 as "ageMs", status ->> 'state' as state, status
    from service_heartbeat order by service`);
}

/** Says that a service works at this moment. */
export async function writeHeartbeat(tx: EntityManager, service: string, status: object): Promise<void> {
  await tx.query(
    /* sql */ `insert into service_heartbeat (service, at, status) values ($1, now(), $2)
    on conflict (service) do update set at = excluded.at, status = excluded.status`,
    [service, JSON.stringify(status)],
  );
}
