import { DISCONNECT_GATEWAYS, FORGET_HEARD, HEARD_NAMES_KEPT, RECORD_GATEWAY_SIGNALS, RECORD_HEARD } from '#database';
import type { Pool } from 'pg';

interface Noticed {
  connected: boolean | null;
  changedAtMs: number | null;
  receivedAtMs: number | null;
}

interface Heard {
  readonly gatewayKey: number;
  readonly name: string;
  lastAtMs: number;
  messages: number;
}

/** Names that wait to be written; beyond it new ones are passed over until the next flush. */
const HEARD_WAITING_MAX = 2_000;
/** Rule K3: as long as rejects. */
const HEARD_KEPT_MS = 14 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;

/** Facts about gateways that change all the time, merged in memory and written a few times a second. Keys are positive. */
export class GatewaySignals {
  private readonly noticed = new Map<number, Noticed>();
  private heard = new Map<string, Heard>();
  private forgotAtMs = 0;

  constructor(private readonly pool: Pool) {}

  async disconnectAll(): Promise<void> {
    await this.pool.query({ ...DISCONNECT_GATEWAYS, values: [new Date()] });
  }

  noteConnection(gatewayKey: number, connected: boolean): void {
    const noticed = this.of(gatewayKey);
    noticed.connected = connected;
    noticed.changedAtMs = Date.now();
  }

  noteMessage(gatewayKey: number, receivedAtMs: number): void {
    const noticed = this.of(gatewayKey);
    noticed.receivedAtMs = Math.max(noticed.receivedAtMs ?? 0, receivedAtMs);
  }

  /** A name that the gateway spoke for without being granted it. */
  noteHeard(gatewayKey: number, name: string, atMs: number): void {
    const id = `${gatewayKey} ${name}`;
    const known = this.heard.get(id);
    if (known) {
      known.lastAtMs = Math.max(known.lastAtMs, atMs);
      known.messages += 1;
    } else if (this.heard.size < HEARD_WAITING_MAX) {
      this.heard.set(id, { gatewayKey, name, lastAtMs: atMs, messages: 1 });
    }
  }

  /** Writes what was noticed; what could not be written is kept, but for names, which are heard again. */
  async flush(): Promise<void> {
    await this.flushNoticed();
    const heard = [...this.heard.values()];
    this.heard = new Map();
    if (heard.length > 0) await this.pool.query({ ...RECORD_HEARD, values: encodeHeard(heard) });
    await this.forgetOld(Date.now());
  }

  private async flushNoticed(): Promise<void> {
    if (this.noticed.size === 0) return;
    const given = new Map(this.noticed);
    this.noticed.clear();
    try {
      await this.pool.query({ ...RECORD_GATEWAY_SIGNALS, values: encode(given) });
    } catch (error) {
      for (const [key, earlier] of given) this.noticed.set(key, addLater(earlier, this.noticed.get(key)));
      throw error;
    }
  }

  private async forgetOld(nowMs: number): Promise<void> {
    if (nowMs - this.forgotAtMs < FORGET_EVERY_MS) return;
    this.forgotAtMs = nowMs;
    await this.pool.query({ ...FORGET_HEARD, values: [new Date(nowMs - HEARD_KEPT_MS)] });
  }

  private of(gatewayKey: number): Noticed {
    const known = this.noticed.get(gatewayKey);
    if (known) return known;
    const noticed = { connected: null, changedAtMs: null, receivedAtMs: null };
    this.noticed.set(gatewayKey, noticed);
    return noticed;
  }
}

function addLater(earlier: Noticed, later: Noticed | undefined): Noticed {
  return {
    connected: later?.connected ?? earlier.connected,
    changedAtMs: later?.changedAtMs ?? earlier.changedAtMs,
    receivedAtMs: later?.receivedAtMs ?? earlier.receivedAtMs,
  };
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

function encode(noticed: ReadonlyMap<number, Noticed>): unknown[] {
  const facts = [...noticed.values()];
  return [
    [...noticed.keys()],
    facts.map(({ connected }) => connected),
    facts.map(({ changedAtMs }) => dateOf(changedAtMs)),
    facts.map(({ receivedAtMs }) => dateOf(receivedAtMs)),
  ];
}

function encodeHeard(heard: readonly Heard[]): unknown[] {
  return [
    heard.map(({ gatewayKey }) => gatewayKey),
    heard.map(({ name }) => name),
    heard.map(({ lastAtMs }) => new Date(lastAtMs)),
    heard.map(({ messages }) => messages),
    HEARD_NAMES_KEPT,
  ];
}
