import { READ_CHANGED_DEVICES, READ_CUSTODY_VERSION } from '#database';
import { FAMILIES, isFamilyCode, type DeviceLifecycle, type Family } from '#domain';
import type { Pool } from 'pg';

/** A placement's key and interval [fromMs, toMs); null = still going on. */
export interface CachedPlacement {
  readonly key: number;
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** A secret's SHA-256 and when it ends, by expiry or revocation. */
export interface CachedCredential {
  readonly sha256: Buffer;
  readonly endsMs: number | null;
}

/** All that ingest needs to know of a device. */
export interface Device {
  readonly id: string;
  readonly key: number;
  readonly publicId: string;
  readonly family: Family;
  readonly lifecycle: DeviceLifecycle;
  readonly simulated: boolean;
  readonly timeZone: string;
  readonly placements: readonly CachedPlacement[];
  readonly credentials: readonly CachedCredential[];
}

interface DeviceRow {
  version: string;
  id: string | null;
  key: number;
  public_id: string;
  lifecycle: DeviceLifecycle;
  simulated: boolean;
  family: string;
  time_zone: string;
  placements: CachedPlacement[];
  credentials: { sha256: string; endsMs: number | null }[];
}

/**
 * The devices with their placements and credentials as of one custody version, in memory. Every batch checks in its own
 * transaction that the version is still this one (structural rule 4), so the cache may be late but is never wrong.
 */
export class Custody {
  private readonly byPublicId = new Map<string, Device>();
  private readonly byKey = new Map<number, Device>();
  private readonly listeners: ((devices: Device[]) => void)[] = [];
  private refreshing: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  version = -1;

  constructor(private readonly pool: Pool) {}

  deviceByPublicId(publicId: string): Device | undefined {
    return this.byPublicId.get(publicId);
  }

  deviceByKey(key: number): Device | undefined {
    return this.byKey.get(key);
  }

  /** Called with the devices that a refresh has changed. */
  onChanged(listener: (devices: Device[]) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Brings the cache to a version at least as new as the database's at the time of the call. Callers share: one read
   * under way plus one to come serve any number of them.
   */
  refresh(): Promise<void> {
    if (!this.refreshing) return this.startRefresh();
    this.next ??= this.refreshing.catch(() => undefined).then(() => this.startRefresh());
    return this.next;
  }

  /** Reads everything again, also what raises no version: families and time zones. */
  async reload(): Promise<void> {
    this.version = -1;
    await this.refresh();
  }

  private startRefresh(): Promise<void> {
    this.next = null;
    this.refreshing = this.readChanges().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  private async readChanges(): Promise<void> {
    const { rows: current } = await this.pool.query<{ version: string }>(READ_CUSTODY_VERSION);
    if (Number(current[0]?.version) === this.version) return;
    const { rows } = await this.pool.query<DeviceRow>({ ...READ_CHANGED_DEVICES, values: [this.version] });
    const devices = rows.filter(({ id }) => id !== null).flatMap(toDevice);
    devices.forEach((device) => this.take(device));
    this.version = Number(rows[0]?.version);
    if (devices.length > 0) this.listeners.forEach((listener) => listener(devices));
  }

  private take(device: Device): void {
    const before = this.byKey.get(device.key);
    if (before) this.byPublicId.delete(before.publicId);
    this.byKey.set(device.key, device);
    this.byPublicId.set(device.publicId, device);
  }
}

/** A device of a family that this version does not know cannot speak: it is left out. */
function toDevice(row: DeviceRow): Device[] {
  if (!isFamilyCode(row.family)) return [];
  const credentials = row.credentials.map(({ sha256, endsMs }) => ({ sha256: Buffer.from(sha256, 'hex'), endsMs }));
  const { key, lifecycle, simulated, placements } = row;
  const facts = { key, lifecycle, simulated, placements, credentials };
  return [
    { ...facts, id: String(row.id), publicId: row.public_id, family: FAMILIES[row.family], timeZone: row.time_zone },
  ];
}

/** The placement that owned the device's usage at an instant (rule U8), null = none. */
export function placementAt(device: Device, atMs: number): number | null {
  for (let index = device.placements.length - 1; index >= 0; index -= 1) {
    const placement = device.placements[index];
    if (placement && placement.fromMs <= atMs) {
      return placement.toMs === null || atMs < placement.toMs ? placement.key : null;
    }
  }
  return null;
}
