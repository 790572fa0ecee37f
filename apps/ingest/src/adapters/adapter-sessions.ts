import { READ_ADAPTER_SESSIONS, RECORD_ADAPTER_GAPS, RECORD_ADAPTER_SESSIONS } from '#database';
import type { Ecosystem } from '#domain';
import { type EdgeSession, NO_EDGE_SESSION, resumed } from '#telemetry';
import type { Pool, QueryConfig } from 'pg';

/** A step of a sender's session, and the client that it came through (a gateway's key is negative). */
export interface SenderStep {
  readonly ecosystem: Ecosystem;
  readonly loginKey: number;
  readonly sender: string;
  readonly session: EdgeSession;
  readonly gap: string | null;
  readonly isBeginningMissing: boolean;
}

/** One sender's session and what its own count has shown to be missing. */
interface Remembered {
  readonly loginKey: number;
  readonly sender: string;
  session: EdgeSession;
  gaps: number;
  lastGapAtMs: number | null;
  lastGap: string | null;
  askedAtMs: number;
}

interface Row {
  login_key: number;
  sender: string;
  session: EdgeSession;
  gaps: number;
  last_gap_at: Date | null;
  last_gap: string | null;
}

/** Beyond it a client's further senders are not remembered: what needs it is refused. */
const SENDERS_PER_LOGIN = 50;
/** A sender that does not answer is asked no more often. */
const ASK_EVERY_MS = 30_000;

/**
 * What adapters remember of senders' sessions: at once for the next message, in the database when a session begins or
 * ends. The number of the newest message is not written: after a pause nobody knows what has passed meanwhile.
 */
export class AdapterSessions {
  private readonly byLogin = new Map<number, Map<string, Remembered>>();
  private readonly unwrittenSessions = new Set<Remembered>();
  private readonly unwrittenGaps = new Set<Remembered>();

  constructor(private readonly pool: Pool) {}

  async load(): Promise<void> {
    const { rows } = await this.pool.query<Row>(READ_ADAPTER_SESSIONS);
    for (const { login_key: loginKey, sender, session, gaps, last_gap_at, last_gap } of rows) {
      const gap = { gaps, lastGapAtMs: last_gap_at?.getTime() ?? null, lastGap: last_gap };
      this.sendersOf(loginKey).set(sender, { loginKey, sender, session: resumed(session), ...gap, askedAtMs: 0 });
    }
  }

  /** Null where nothing is known of the sender. */
  of(loginKey: number, sender: string): EdgeSession | null {
    return this.byLogin.get(loginKey)?.get(sender)?.session ?? null;
  }

  /** Takes the session as it is after a message; true when the sender is now to be asked to begin anew. */
  advance({ loginKey, sender, session, gap, isBeginningMissing }: SenderStep, nowMs: number): boolean {
    const known = this.remembered(loginKey, sender);
    if (known === null) return false;
    if (session.devices !== known.session.devices || session.bdSeq !== known.session.bdSeq) {
      this.unwrittenSessions.add(known);
    }
    known.session = session;
    if (gap !== null) this.noteGap(known, gap, nowMs);
    if (!isBeginningMissing || nowMs - known.askedAtMs < ASK_EVERY_MS) return false;
    known.askedAtMs = nowMs;
    return true;
  }

  /** Writes what has changed. What could not be written is kept for the next time. */
  async flush(): Promise<void> {
    await this.write(this.unwrittenSessions, (given) => ({
      ...RECORD_ADAPTER_SESSIONS,
      values: [...keysOf(given), given.map(({ session }) => JSON.stringify(session))],
    }));
    // A gap belongs to a row that its session has made.
    await this.write(this.unwrittenGaps, (given) => ({
      ...RECORD_ADAPTER_GAPS,
      values: [
        ...keysOf(given),
        given.map(({ gaps }) => gaps),
        given.map(({ lastGapAtMs }) => (lastGapAtMs === null ? null : new Date(lastGapAtMs))),
        given.map(({ lastGap }) => lastGap),
      ],
    }));
  }

  private async write(
    unwritten: Set<Remembered>,
    statement: (given: readonly Remembered[]) => QueryConfig,
  ): Promise<void> {
    if (unwritten.size === 0) return;
    const given = [...unwritten];
    unwritten.clear();
    try {
      await this.pool.query(statement(given));
    } catch (error) {
      given.forEach((one) => unwritten.add(one));
      throw error;
    }
  }

  private noteGap(known: Remembered, gap: string, nowMs: number): void {
    Object.assign(known, { gaps: known.gaps + 1, lastGapAtMs: nowMs, lastGap: gap });
    this.unwrittenGaps.add(known);
  }

  private remembered(loginKey: number, sender: string): Remembered | null {
    const senders = this.sendersOf(loginKey);
    const known = senders.get(sender);
    if (known) return known;
    if (senders.size >= SENDERS_PER_LOGIN) return null;
    const begun = {
      loginKey,
      sender,
      session: NO_EDGE_SESSION,
      gaps: 0,
      lastGapAtMs: null,
      lastGap: null,
      askedAtMs: 0,
    };
    senders.set(sender, begun);
    this.unwrittenSessions.add(begun);
    return begun;
  }

  private sendersOf(loginKey: number): Map<string, Remembered> {
    const known = this.byLogin.get(loginKey) ?? new Map<string, Remembered>();
    this.byLogin.set(loginKey, known);
    return known;
  }
}

const keysOf = (given: readonly Remembered[]): [number[], string[]] => [
  given.map(({ loginKey }) => loginKey),
  given.map(({ sender }) => sender),
];
