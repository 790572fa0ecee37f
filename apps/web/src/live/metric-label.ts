import type { MetricCountView } from '#contracts';
import { FAMILIES, metricByName, type FamilyCode, type Metric } from '#domain';
import type { Format, Locale } from '../format.js';

export const familyName = (family: FamilyCode, locale: Locale): string => FAMILIES[family].name[locale];

/** The metric's name in the family's own words; a metric that a newer server knows keeps its code. */
export const metricLabel = (family: FamilyCode, name: string, locale: Locale): string =>
  metricByName(family, name)?.label[locale] ?? name;

/** Whether a metric counts use; a gauge (battery) only tells a state. */
export function isUse(family: FamilyCode, name: string): boolean {
  const kind: Metric['kind'] | undefined = metricByName(family, name)?.kind;
  return kind !== 'gauge';
}

/** How long the sessions lasted in all; `undefined` for metrics that have no duration. */
export function durationOf({ family, metric, sum }: MetricCountView, format: Format): string | undefined {
  return metricByName(family, metric)?.kind === 'session' ? format.duration(sum) : undefined;
}
