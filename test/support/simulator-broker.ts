import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { Aedes, type AuthenticateError } from 'aedes';
import { UsagePayload, type UsageMessage } from '#contracts';
import { FleetDevice } from '../../devices-sim/src/devices-file.js';

const SECRETS: Readonly<Record<string, string>> = {
  'lock-1': 'secret-of-the-lock',
  'screen-1': 'secret-of-the-screen',
};

/** A message as the broker got it. */
export interface Received {
  client: string;
  topic: string;
  payload: string;
  qos: number;
  retain: boolean;
}

/** A real broker with the rule that counts here: a device logs in with its own secret. */
export class TestBroker {
  readonly received: Received[] = [];
  url = '';

  private constructor(
    readonly aedes: Aedes,
    private server: Server,
  ) {}

  static async start(): Promise<TestBroker> {
    const aedes = await Aedes.createBroker({
      authenticate: (...[, username, password, done]) => {
        const isRight = username !== undefined && SECRETS[username] === password?.toString();
        const refusal: AuthenticateError = Object.assign(new Error('bad log-in'), { returnCode: 4 });
        done(isRight ? null : refusal, isRight);
      },
    });
    const broker = new TestBroker(aedes, createServer());
    aedes.on('publish', (packet, client) => broker.note(packet, client?.id));
    await broker.listen(0);
    return broker;
  }

  async listen(port: number): Promise<void> {
    this.server = createServer((socket) => void this.aedes.handle(socket));
    this.server.listen(port, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `mqtt://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** As a restart looks to devices: all connections die, nobody answers. */
  async vanish(): Promise<number> {
    const { port } = this.server.address() as AddressInfo;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.dropConnections();
    await closed;
    return port;
  }

  dropConnections(): void {
    for (const client of Object.values(
      (this.aedes as unknown as { clients: Record<string, { conn: { destroy(): void } }> }).clients,
    )) {
      client.conn.destroy();
    }
  }

  async stop(): Promise<void> {
    this.server.close();
    await new Promise<void>((resolve) => this.aedes.close(resolve));
  }

  on(publicId: string, channel: string): Received[] {
    return this.received.filter(({ topic }) => topic === `wt/v1/${publicId}/${channel}`);
  }

  usages(publicId: string): UsageMessage[] {
    return this.on(publicId, 'usage').flatMap(({ payload }) => UsagePayload.parse(JSON.parse(payload)));
  }

  private note(
    packet: { topic: string; payload: Buffer | string; qos: number; retain: boolean },
    client?: string,
  ): void {
    const { topic, payload, qos, retain } = packet;
    if (!topic.startsWith('$SYS'))
      this.received.push({ client: client ?? '', topic, payload: payload.toString(), qos, retain });
  }
}

/** A simulated lock or screen that the broker knows, without outages unless given. */
export function device(publicId: string, more: Partial<FleetDevice> = {}): FleetDevice {
  return FleetDevice.parse({
    publicId,
    secret: SECRETS[publicId] ?? 'unknown',
    family: publicId.startsWith('screen') ? 'smart_screen' : 'keyless_lock',
    since: new Date().toISOString(),
    outages: 'none',
    ...more,
  });
}
