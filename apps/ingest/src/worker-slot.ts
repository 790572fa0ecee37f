import { LOCK_WORKER_SLOT, UNLOCK_WORKER_SLOT } from '#database';
import { Client } from 'pg';

/** So many ingest processes may work on one database. */
export const WORKER_SLOTS = 16;
const RETRY_MS = 250;
/** A worker that is started again waits for its forerunner's lock so long. */
const PATIENCE_MS = 5_000;

const GHOST_MS = 40_000;

/** Another process holds the slot: this one must not go on under its name. */
export class SlotTaken extends Error {}

/**
 * A worker's number among those on the same database, held as an advisory lock on a connection of its own for the
 * process's life. It names the worker's part of the roll-ups, its heartbeat and its session at an external broker, so
 * that a process that takes the place of a dead one takes over all three.
 */
export class WorkerSlot {
  private isKeeping = false;

  private constructor(
    private readonly databaseUrl: string,
    readonly number: number,
    private client: Client | null,
  ) {}

  /** Takes the slot that is asked for, or else the lowest free one; throws {@link SlotTaken} when there is none. */
  static async take(databaseUrl: string, wanted?: number): Promise<WorkerSlot> {
    const client = await connect(databaseUrl);
    const candidates = wanted === undefined ? Array.from({ length: WORKER_SLOTS }, (_, number) => number) : [wanted];
    const deadlineMs = Date.now() + PATIENCE_MS;
    do {
      for (const number of candidates) {
        if (await tryLock(client, number)) return new WorkerSlot(databaseUrl, number, client).watched();
      }
      await pause();
    } while (Date.now() < deadlineMs);
    await client.end();
    throw new SlotTaken(takenMessage(wanted));
  }

  /**
   * Takes the lock again when its connection broke; call it again and again. Throws {@link SlotTaken} when somebody else
   * has it for good.
   */
  async keep(): Promise<void> {
    if (this.client || this.isKeeping) return;
    this.isKeeping = true;
    try {
      this.client = await this.lockAgain();
      this.watched();
    } finally {
      this.isKeeping = false;
    }
  }

  /** Holds another slot besides for as long as `work` takes, which is told when it is lost; null when somebody has it. */
  async whileHolding<T>(other: number, work: (lost: AbortSignal) => Promise<T>): Promise<T | null> {
    const { client } = this;
    if (!client || other === this.number || !(await tryLock(client, other))) return null;
    const lost = new AbortController();
    const lose = (): void => lost.abort();
    client.on('error', lose).on('end', lose);
    try {
      return await work(lost.signal);
    } finally {
      client.off('error', lose).off('end', lose);
      await client.query({ ...UNLOCK_WORKER_SLOT, values: [other] }).catch(() => undefined);
    }
  }

  /** Gives the slot back. */
  async release(): Promise<void> {
    const { client } = this;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  /** A connection that broke on our side only may live on in the server for half a minute, with the lock. */
  private async lockAgain(): Promise<Client> {
    const client = await connect(this.databaseUrl);
    const deadlineMs = Date.now() + GHOST_MS;
    while (Date.now() < deadlineMs) {
      if (await tryLock(client, this.number)) return client;
      await pause();
    }
    await client.end();
    throw new SlotTaken(takenMessage(this.number));
  }

  private watched(): this {
    const { client } = this;
    const drop = (): void => {
      if (this.client === client) this.client = null;
    };
    client?.on('error', drop).on('end', drop);
    return this;
  }
}

async function connect(databaseUrl: string): Promise<Client> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'nyttospar-ingest-slot',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Whoever is using the connection hears of its end from the query; without a listener the process would end.
  client.on('error', () => undefined);
  await client.connect();
  // The lock of a machine that vanished must not outlive it for hours.
  await client.query('set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3');
  return client;
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, RETRY_MS));

async function tryLock(client: Client, number: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>({ ...LOCK_WORKER_SLOT, values: [number] });
  return rows[0]?.locked === true;
}

function takenMessage(wanted?: number): string {
  if (wanted === undefined) return `Ingest cannot start: ${WORKER_SLOTS} workers run on this database already.`;
  return `Ingest cannot run as worker ${wanted} (WORKER): another one runs under this number on the same database.`;
}
