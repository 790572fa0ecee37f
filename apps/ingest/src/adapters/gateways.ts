import { READ_CHANGED_GATEWAYS, READ_CHANGED_MAPPINGS, READ_MAPPED_DEVICES } from '#database';
import { ECOSYSTEMS, type Ecosystem, type MappingRule } from '#domain';
import type { Pool } from 'pg';
import type { Principal } from '../broker/authentication.js';

/** A gateway as ingest knows it. Its key is negative: no device has it, so both can stand in one list of connections. */
export interface Gateway extends Principal {
  readonly ecosystem: Ecosystem;
  readonly topicPrefix: string;
  readonly isEnded: boolean;
  /** The other system's name for a device → the device's key. */
  readonly children: ReadonlyMap<string, number>;
}

interface GatewayRow {
  key: number;
  public_id: string;
  ecosystem: Ecosystem;
  topic_prefix: string;
  ended: boolean;
  children: { name: string; deviceKey: number }[];
  credentials: { sha256: string; endsMs: number | null }[];
}

interface MappingRow {
  product_id: string;
  ecosystem: Ecosystem;
  rules: MappingRule[];
}

const NO_RULES: readonly MappingRule[] = [];

/**
 * Gateways with the devices they may speak for, and the mappings of products, in memory as of one custody version. Like
 * custody itself it may be late, and is read again before anybody is let in.
 */
export class Gateways {
  private readonly byKey = new Map<number, Gateway>();
  private readonly byPublicId = new Map<string, Gateway>();
  private readonly rules = new Map<string, readonly MappingRule[]>();
  private readonly products = new Map<number, string>();
  private readonly listeners: ((gateways: Gateway[]) => void)[] = [];
  private refreshing: Promise<void> = Promise.resolve();
  private version = -1;

  constructor(private readonly pool: Pool) {}

  /** Those that are closed too. */
  all(): Gateway[] {
    return [...this.byKey.values()];
  }

  gatewayByKey(key: number): Gateway | undefined {
    return this.byKey.get(key);
  }

  gatewayByPublicId(publicId: string): Gateway | undefined {
    return this.byPublicId.get(publicId);
  }

  /** How a device's messages are understood in an ecosystem; empty where they are not. */
  rulesOf(deviceKey: number, ecosystem: Ecosystem): readonly MappingRule[] {
    const product = this.products.get(deviceKey);
    return (product !== undefined && this.rules.get(`${product}/${ecosystem}`)) || NO_RULES;
  }

  /** The ecosystems in whose words a device may speak under its own login. */
  ecosystemsOf(deviceKey: number): Ecosystem[] {
    if (!this.products.has(deviceKey)) return [];
    return ECOSYSTEMS.filter((ecosystem) => this.rulesOf(deviceKey, ecosystem).length > 0);
  }

  /** Called with the gateways that a refresh has changed. */
  onChanged(listener: (gateways: Gateway[]) => void): void {
    this.listeners.push(listener);
  }

  /** Brings the cache to a custody version that has been read; nothing is asked when it is there already. */
  refresh(version: number): Promise<void> {
    this.refreshing = this.refreshing.catch(() => undefined).then(() => this.readSince(version));
    return this.refreshing;
  }

  private async readSince(version: number): Promise<void> {
    if (version === this.version) return;
    const values = [this.version];
    const mappings = await this.pool.query<MappingRow>({ ...READ_CHANGED_MAPPINGS, values });
    const devices = await this.pool.query<{ key: number; product_id: string }>({ ...READ_MAPPED_DEVICES, values });
    const gateways = await this.pool.query<GatewayRow>({ ...READ_CHANGED_GATEWAYS, values });
    // In the order of the versions: the newest stays.
    for (const { product_id, ecosystem, rules } of mappings.rows) this.rules.set(`${product_id}/${ecosystem}`, rules);
    for (const { key, product_id } of devices.rows) this.products.set(key, product_id);
    const changed = gateways.rows.map(toGateway);
    changed.forEach((gateway) => this.take(gateway));
    // Rows that changed meanwhile are read once more the next time.
    this.version = version;
    if (changed.length > 0) this.listeners.forEach((listener) => listener(changed));
  }

  private take(gateway: Gateway): void {
    this.byKey.set(gateway.key, gateway);
    this.byPublicId.set(gateway.publicId, gateway);
  }
}

function toGateway(row: GatewayRow): Gateway {
  return {
    key: -row.key,
    publicId: row.public_id,
    // A closed gateway's secrets have ended.
    lifecycle: 'in_use',
    credentials: row.credentials.map(({ sha256, endsMs }) => ({ sha256: Buffer.from(sha256, 'hex'), endsMs })),
    ecosystem: row.ecosystem,
    topicPrefix: row.topic_prefix,
    isEnded: row.ended,
    children: new Map(row.children.map(({ name, deviceKey }) => [name, deviceKey])),
  };
}
