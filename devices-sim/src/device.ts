import type { FamilyCode } from '#domain';

/**
 * What becomes of usages made while the device has no network: kept and sent afterwards (store and forward), lost, or
 * the network never fails.
 */
export const OUTAGE_MODES = ['late', 'lost', 'none'] as const;

export type OutageMode = (typeof OUTAGE_MODES)[number];

/** What the engine must know of a device; the same facts always give the same life. */
export interface SimulatedDevice {
  readonly publicId: string;
  readonly family: FamilyCode;
  readonly seed: number;
  /** Factor on the family's usages per day, 1 when left out. Gauge readings are no use and stay as they are. */
  readonly activity?: number | undefined;
  /** `late` when left out. */
  readonly outages?: OutageMode | undefined;
}

/** `[fromMs, toMs)`, Unix milliseconds. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export const isInside = ({ fromMs, toMs }: Window, ms: number): boolean => ms >= fromMs && ms < toMs;
