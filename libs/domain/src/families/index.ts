import type { MeasurementRule } from '../benefit/measurement-rule.js';
import type { DefaultRule, Family, Metric } from './family.js';
import { KEYLESS_LOCK } from './keyless-lock.js';
import { SLEEP_ROBOT } from './sleep-robot.js';
import { SMART_SCREEN } from './smart-screen.js';

export * from './attributes.js';
export * from './family.js';

/** The families the product knows. A new family is one file and one entry here. */
export const FAMILY_CODES = ['keyless_lock', 'sleep_robot', 'smart_screen'] as const;

export type FamilyCode = (typeof FAMILY_CODES)[number];

export const FAMILIES: Readonly<Record<FamilyCode, Family>> = {
  keyless_lock: KEYLESS_LOCK,
  sleep_robot: SLEEP_ROBOT,
  smart_screen: SMART_SCREEN,
};

/** Whether a text is the code of a known family. */
export function isFamilyCode(code: string): code is FamilyCode {
  return (FAMILY_CODES as readonly string[]).includes(code);
}

const METRICS_BY_NAME = new Map(
  Object.values(FAMILIES).map((family) => [family.code, new Map(family.metrics.map((m) => [m.name, m]))]),
);

const METRICS_BY_CODE = new Map(
  Object.values(FAMILIES).flatMap((family) => family.metrics.map((metric) => [metric.code, { family, metric }])),
);

/** A family's metric by its name, `undefined` for one it does not declare. */
export function metricByName(family: FamilyCode, name: string): Metric | undefined {
  return METRICS_BY_NAME.get(family)?.get(name);
}

/** A metric and its family by the code in storage, `undefined` for a code that was never given. */
export function metricByCode(code: number): { readonly family: Family; readonly metric: Metric } | undefined {
  return METRICS_BY_CODE.get(code);
}

/** The rule alone, without the family file's remarks on where its figures come from. */
export function ruleOf(defaultRule: DefaultRule): MeasurementRule {
  const fields = Object.entries(defaultRule).filter(([name]) => name !== 'source' && name !== 'assumption');
  return Object.fromEntries(fields) as unknown as MeasurementRule;
}
