import type { MeasurementRule } from '../benefit/measurement-rule.js';
import type { Text } from '../text.js';

/** How a metric's values arise: single happenings, stretches of time, ever-growing readings, momentary readings. */
export const METRIC_KINDS = ['event', 'session', 'counter', 'gauge'] as const;

export type MetricKind = (typeof METRIC_KINDS)[number];

/** What a value is measured in; a session's is its duration in seconds. */
export const METRIC_UNITS = ['count', 'second', 'percent'] as const;

export type MetricUnit = (typeof METRIC_UNITS)[number];

/** The shape of one attribute; anything else is dropped at the door (privacy by default). */
export type AttributeShape =
  | { readonly type: 'enum'; readonly values: readonly string[]; readonly labels: Readonly<Record<string, Text>> }
  | { readonly type: 'string'; readonly maxLength: number }
  | { readonly type: 'number'; readonly min: number; readonly max: number }
  | { readonly type: 'boolean' };

/** One thing a family's devices report. */
export interface Metric {
  readonly name: string;
  /** The metric in storage: a smallint, unique over all families, never reused and never changed. */
  readonly code: number;
  readonly kind: MetricKind;
  readonly unit: MetricUnit;
  readonly label: Text;
  readonly attributes: Readonly<Record<string, AttributeShape & { readonly label: Text }>>;
  /** The attributes (enum or boolean) that roll-ups carry, in the order of the stored key (rule U13). */
  readonly dimensions: readonly string[];
  /** The values taken, ends included, in `unit`; a session's maximum is the family's `maxSessionSeconds`. */
  readonly valueRange?: { readonly min: number; readonly max: number };
}

/** A family's starting rule, where its figures come from and which of them are our assumptions. */
export interface DefaultRule extends MeasurementRule {
  readonly source: Text;
  /** `true`: ours, shown as "källa: antagande"; `false`: from `source`. */
  readonly assumption: Readonly<Record<AssumableField, boolean>>;
}

export type AssumableField = Extract<
  keyof MeasurementRule,
  'counterfactualShare' | 'minutesPerUnit' | 'addedWorkMinutesPerUnit' | 'failureMinutes' | 'hourlyCostOre'
>;

/** How often one attribute takes each value (weights, not necessarily summing to 1), or an even spread. */
export type AttributeRhythm =
  | { readonly type: 'weights'; readonly weights: Readonly<Record<string, number>> }
  | { readonly type: 'range'; readonly min: number; readonly max: number };

/** How one metric of one simulated device behaves. */
export interface MetricRhythm {
  readonly eventsPerDay: number;
  /** 24 relative weights, local time, from midnight. */
  readonly hourlyWeights: readonly number[];
  readonly attributes: Readonly<Record<string, AttributeRhythm>>;
  readonly sessionSeconds?: { readonly mean: number; readonly spread: number };
  /** A gauge that falls through the day and is filled up again below `refillBelow`. */
  readonly gauge?: { readonly full: number; readonly fallPerDay: number; readonly refillBelow: number };
}

/** What a simulated device of the family does; read by the simulator's one seeded engine. */
export interface Rhythm {
  readonly metrics: Readonly<Record<string, MetricRhythm>>;
  /** 0..1: the chance that a device loses its network in a given hour, and for how long. */
  readonly offlineChancePerHour: number;
  readonly offlineMinutes: { readonly mean: number; readonly spread: number };
}

/** Where a family's devices get their current from: those on batteries sleep, and say little. */
export const POWERS = ['mains', 'battery'] as const;

export type Power = (typeof POWERS)[number];

/** A product family: plain data (JSON can hold it) from which forms, charts, rules and simulation are made. */
export interface Family {
  readonly code: string;
  readonly name: Text;
  readonly power: Power;
  /** Percent, of a battery family: under it somebody should see to the battery, in good time. */
  readonly batteryLowPercent?: number;
  /** Percent, of a battery family: under it the device may stop at any time. */
  readonly batteryCriticalPercent?: number;
  /** Seconds between the signs of life the device sends even when unused (rule U12). */
  readonly heartbeatSeconds: number;
  /** A device is silent after `expectedIntervalSeconds × tolerance` without a message. */
  readonly expectedIntervalSeconds: number;
  readonly tolerance: number;
  /** 0..23, local: noon for night products, so that a night belongs to the evening's date (rule U4). */
  readonly dayStartsAtHour: number;
  /** A session still open after this is closed at it, as estimated (rule U3). */
  readonly maxSessionSeconds: number;
  readonly metrics: readonly Metric[];
  readonly defaultRule: DefaultRule;
  readonly rhythm: Rhythm;
}
