import { DISCONNECT_ALL, RECONCILE_LAST_AT, RECORD_NOTICED } from '#database';
import type { Pool } from 'pg';
import type { Entry } from './record/entry.js';
import type { Row } from './record/row.js';

/** A device's row costs about 10 µs: a thousand a second are a hundredth of a core. */
const DEVICES_A_FLUSH = 250;

/** What was noticed of one device since the last write. */
interface Noticed {
  connected: boolean | null;
  changedAtMs: number | null;
  lastAtMs: number | null;
  lastReceivedAtMs: number | null;
  clockSkewMs: number | null;
  repeatsNotDetectable: boolean;
  idsRepeat: boolean;
  droppedAttributes: number;
}

/** Facts about devices that change all the time, merged in memory and written a few times a second after the commits. */
export class Signals {
  private readonly noticed = new Map<number, Noticed>();

  constructor(private readonly pool: Pool) {}

  /** No device is connected to a broker that starts; what a crash kept from being written is made up from roll-ups. */
  async start({ isBroker }: { isBroker: boolean }): Promise<void> {
    if (isBroker) await this.disconnectAll();
    await this.pool.query(RECONCILE_LAST_AT);
  }

  async disconnectAll(): Promise<void> {
    await this.pool.query({ ...DISCONNECT_ALL, values: [new Date()] });
  }

  noteConnection(deviceKey: number, connected: boolean, atMs = Date.now()): void {
    const noticed = this.of(deviceKey);
    noticed.connected = connected;
    noticed.changedAtMs = atMs;
  }

  /** A committed batch: when each device spoke last, by its own clock and by ours. */
  noteCommitted(entries: readonly Entry[], rows: readonly Row[]): void {
    // What a person entered is no sign of life, and what is replayed says nothing about the clock now.
    for (const entry of entries) if (!entry.origin?.isByHand) this.noteEntry(entry);
    for (const { device, entry, draft, atMs } of rows) {
      if (entry.origin?.isByHand) continue;
      const noticed = this.of(device.key);
      noticed.lastAtMs = Math.max(noticed.lastAtMs ?? atMs, atMs);
      if (draft.ownAtMs !== null && !entry.origin) noteSkew(noticed, entry.receivedAtMs - draft.ownAtMs);
    }
  }

  /**
   * Writes what was noticed of the devices that have waited longest and answers their keys. With few devices that is all
   * of them, four times a second; with thousands each has its turn every few seconds. What could not be written is kept.
   */
  async flush(limit = DEVICES_A_FLUSH): Promise<number[]> {
    const given = this.takeOldest(limit);
    if (given.size === 0) return [];
    try {
      await this.pool.query({ ...RECORD_NOTICED, values: encode(given) });
      return [...given.keys()];
    } catch (error) {
      for (const [key, earlier] of given) this.noticed.set(key, addLater(earlier, this.noticed.get(key)));
      throw error;
    }
  }

  private takeOldest(limit: number): ReadonlyMap<number, Noticed> {
    const given = new Map<number, Noticed>();
    for (const [key, noticed] of this.noticed) {
      if (given.size === limit) break;
      given.set(key, noticed);
      this.noticed.delete(key);
    }
    return given;
  }

  private noteEntry(entry: Entry): void {
    if (!entry.device) return;
    const noticed = this.of(entry.device.key);
    noticed.lastReceivedAtMs = Math.max(noticed.lastReceivedAtMs ?? 0, entry.receivedAtMs);
    noticed.droppedAttributes += entry.droppedAttributes;
    noticed.repeatsNotDetectable ||= entry.repeatsNotDetectable;
    // The last will is the broker's word, not the device's.
    const reportedAtMs = entry.health?.atMs ?? (entry.state?.state === 'lost' ? undefined : entry.state?.atMs);
    if (reportedAtMs === undefined) return;
    noticed.lastAtMs = Math.max(noticed.lastAtMs ?? reportedAtMs, reportedAtMs);
  }

  private of(deviceKey: number): Noticed {
    const known = this.noticed.get(deviceKey);
    if (known) return known;
    const noticed = nothing();
    this.noticed.set(deviceKey, noticed);
    return noticed;
  }
}

function nothing(): Noticed {
  return {
    connected: null,
    changedAtMs: null,
    lastAtMs: null,
    lastReceivedAtMs: null,
    clockSkewMs: null,
    repeatsNotDetectable: false,
    idsRepeat: false,
    droppedAttributes: 0,
  };
}

/** A backlog arrives late without the clock being wrong: the smallest delay of a while tells the clock's skew best. */
function noteSkew(noticed: Noticed, delayMs: number): void {
  noticed.clockSkewMs = Math.min(noticed.clockSkewMs ?? delayMs, delayMs);
}

function addLater(earlier: Noticed, later: Noticed | undefined): Noticed {
  if (!later) return earlier;
  return {
    connected: later.connected ?? earlier.connected,
    changedAtMs: later.changedAtMs ?? earlier.changedAtMs,
    lastAtMs: greatest(earlier.lastAtMs, later.lastAtMs),
    lastReceivedAtMs: greatest(earlier.lastReceivedAtMs, later.lastReceivedAtMs),
    clockSkewMs: later.clockSkewMs ?? earlier.clockSkewMs,
    repeatsNotDetectable: earlier.repeatsNotDetectable || later.repeatsNotDetectable,
    idsRepeat: earlier.idsRepeat || later.idsRepeat,
    droppedAttributes: earlier.droppedAttributes + later.droppedAttributes,
  };
}

function greatest(one: number | null, other: number | null): number | null {
  return one === null ? other : Math.max(one, other ?? one);
}

function encode(noticed: ReadonlyMap<number, Noticed>): unknown[] {
  const facts = [...noticed.values()];
  const instants = (pick: (fact: Noticed) => number | null): (Date | null)[] =>
    facts.map(pick).map((ms) => (ms === null ? null : new Date(ms)));
  return [
    [...noticed.keys()],
    facts.map(({ connected }) => connected),
    instants(({ changedAtMs }) => changedAtMs),
    instants(({ lastAtMs }) => lastAtMs),
    instants(({ lastReceivedAtMs }) => lastReceivedAtMs),
    facts.map(({ clockSkewMs }) => clockSkewMs),
    facts.map(({ repeatsNotDetectable }) => repeatsNotDetectable),
    facts.map(({ idsRepeat }) => idsRepeat),
    facts.map(({ droppedAttributes }) => droppedAttributes),
  ];
}
