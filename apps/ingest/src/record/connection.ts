import { Client } from 'pg';

/** The one connection of the committer; opened when first used and again after it broke. */
export class CommitConnection {
  private client: Client | null = null;

  constructor(private readonly url: string) {}

  /** Timeouts bound a stalled commit: clients with queued messages are not heard while it lasts. */
  async open(): Promise<Client> {
    if (this.client) return this.client;
    const client = new Client({
      connectionString: this.url,
      application_name: 'nyttospar-ingest',
      connectionTimeoutMillis: 5_000,
      statement_timeout: 10_000,
      query_timeout: 15_000,
      keepAlive: true,
    });
    client.on('error', () => this.drop(client));
    client.on('end', () => this.drop(client));
    await client.connect();
    this.client = client;
    return client;
  }

  /** After a failure whose outcome is unknown: the next batch gets a connection without any state. */
  async reset(): Promise<void> {
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined);
  }

  private drop(client: Client): void {
    if (this.client === client) this.client = null;
  }
}
