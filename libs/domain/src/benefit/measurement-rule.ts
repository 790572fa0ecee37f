import type { Category, EvidenceLevel } from './vocabulary.js';

/** Dimension → the values that pass. An empty filter lets everything pass; a dimension's empty list nothing. */
export type UsageFilter = Readonly<Record<string, readonly string[]>>;

/** How measured use becomes potential benefit: plain data, versioned, frozen from `approved` on (rule B10). */
export interface MeasurementRule {
  readonly metric: string;
  readonly filter: UsageFilter;
  /** Minutes after a passing usage in which another of the same placement does not qualify; 0 = none (rule B5). */
  readonly deduplicateMinutes: number;
  /** 0..1: the share of qualifying uses that replaced something. */
  readonly counterfactualShare: number;
  /** The dimension that the share stands in for, when it is known; it cannot be filtered on as well (rule B4). */
  readonly counterfactualDimension?: string | undefined;
  readonly minutesPerUnit: number;
  /** Minutes of new work for every qualifying use, whether it replaced something or not. */
  readonly addedWorkMinutesPerUnit: number;
  readonly failureFilter?: UsageFilter | undefined;
  /** Minutes lost at every failure. */
  readonly failureMinutes: number;
  readonly hourlyCostOre: number;
  readonly category: Category;
  readonly evidence: EvidenceLevel;
}
