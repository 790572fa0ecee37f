import { addDays } from './calendar-date.js';
import { dayBounds, localDay, localHour } from './calendar.js';
import type { Role } from './roles.js';

/** How much an event matters; a critical one may reach a person also at night, if they say so. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** What people are told of. A new kind is an entry here, one in {@link NotificationData}, and its texts. */
export const NOTIFICATION_KINDS = [
  'device_refused',
  'lost_device_speaks',
  'device_silent',
  'battery_low',
  'canary_silent',
  'ingest_degraded',
  'job_failed',
] as const;

export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** What each kind says besides when and where; times are RFC 3339, no data identifies a person. */
export interface NotificationData {
  device_refused: { assetTag: string; code: string };
  lost_device_speaks: { assetTag: string };
  device_silent: { assetTag: string; lastSignalAt: string };
  /** Percent. */
  battery_low: { assetTag: string; battery: number };
  canary_silent: { silentSeconds: number };
  /** Whole weeks of partitions ahead (rule U6). */
  ingest_degraded: { weeksAhead: number };
  /** How many jobs of that name are failing. */
  job_failed: { job: string; failing: number };
}

/** Who is told of a kind, how much it matters, and how they are told until they choose otherwise. */
export interface NotificationTerms {
  readonly severity: Severity;
  /** Of these roles, those held on the subject's node, above it or on its trial; for the installation, on a municipality. */
  readonly roles: readonly Role[];
  readonly channels: NotificationChannels;
}

export interface NotificationChannels {
  readonly app: boolean;
  readonly email: boolean;
}

const IN_APP: NotificationChannels = { app: true, email: false };
const BOTH: NotificationChannels = { app: true, email: true };

/** Assumption: only what is critical is mailed until a person asks for more; a full mailbox is read by nobody. */
export const NOTIFICATION_TERMS: Readonly<Record<NotificationKind, NotificationTerms>> = {
  device_refused: { severity: 'warning', roles: ['technician', 'admin'], channels: IN_APP },
  lost_device_speaks: { severity: 'critical', roles: ['technician', 'admin'], channels: BOTH },
  device_silent: { severity: 'warning', roles: ['technician'], channels: IN_APP },
  battery_low: { severity: 'info', roles: ['technician'], channels: IN_APP },
  canary_silent: { severity: 'critical', roles: ['technician', 'it_security', 'admin'], channels: BOTH },
  ingest_degraded: { severity: 'warning', roles: ['it_security', 'admin'], channels: BOTH },
  job_failed: { severity: 'warning', roles: ['admin'], channels: IN_APP },
};

/** A battery once low is well again so many percent above its family's threshold: it must not flutter between. */
export const BATTERY_WELL_MARGIN_PERCENT = 5;

/** From one local hour to another, over midnight when `fromHour` is the later; whole hours, never the same. */
export interface QuietHours {
  readonly fromHour: number;
  readonly toHour: number;
}

/** How a person wants mail, in their municipality's zone. */
export interface MailTerms {
  readonly zone: string;
  readonly quiet: QuietHours | null;
  /** The local hour of the one daily mail; null: at once. */
  readonly digestHour: number | null;
  /** What is critical waits neither for the quiet hours' end nor for the digest. */
  readonly isCriticalAtOnce: boolean;
}

/** Whether an instant (milliseconds) lies in the quiet hours by the zone's wall clock. */
export function isQuiet(instantMs: number, { fromHour, toHour }: QuietHours, zone: string): boolean {
  const hour = localHour(instantMs, zone);
  return fromHour < toHour ? hour >= fromHour && hour < toHour : hour >= fromHour || hour < toHour;
}

/**
 * The first instant after `afterMs` at which the zone's clock comes to the whole hour, at most 25 hours later. An hour
 * that the clock jumps over is the jump itself; one that comes twice is its first.
 */
export function nextLocalHour(hour: number, zone: string, afterMs: number): number {
  const today = localDay(afterMs, zone);
  const candidates = [today, addDays(today, 1)].map((day) => dayBounds(day, zone, hour).from);
  return candidates.find((instant) => instant > afterMs) ?? dayBounds(addDays(today, 2), zone, hour).from;
}

/** When a mail raised at `nowMs` is to leave: `nowMs` itself, the digest's hour, or the end of the quiet hours. */
export function mailDueAt(nowMs: number, severity: Severity, terms: MailTerms): number {
  if (severity === 'critical' && terms.isCriticalAtOnce) return nowMs;
  const due = terms.digestHour === null ? nowMs : nextLocalHour(terms.digestHour, terms.zone, nowMs);
  const { quiet, zone } = terms;
  return quiet && isQuiet(due, quiet, zone) ? nextLocalHour(quiet.toHour, zone, due) : due;
}
