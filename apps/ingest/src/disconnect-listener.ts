import { DISCONNECT_CHANNEL } from '#contracts';
import { Client } from 'pg';

/** Hears at once that a device was revoked or retired; the regular refresh of custody makes up for what it misses. */
export class DisconnectListener {
  private client: Client | null = null;
  private isConnecting = false;

  constructor(
    private readonly url: string,
    private readonly onDevice: (deviceKey: number) => void,
  ) {}

  /** Connects when not connected; call it again and again. */
  async keepListening(): Promise<void> {
    if (this.client || this.isConnecting) return;
    this.isConnecting = true;
    const client = new Client({ connectionString: this.url, application_name: 'nyttospar-ingest', keepAlive: true });
    const drop = (): void => {
      if (this.client === client) this.client = null;
    };
    try {
      client.on('error', drop).on('end', drop);
      client.on('notification', ({ payload }) => this.onDevice(Number(payload)));
      await client.connect();
      await client.query(`listen ${DISCONNECT_CHANNEL}`);
      this.client = client;
    } finally {
      this.isConnecting = false;
    }
  }

  async stop(): Promise<void> {
    await this.client?.end();
    this.client = null;
  }
}
