import { randomUUIDv7 } from 'node:crypto';
import type { RuleInput } from '#contracts';
import { BenefitLineEntity, MeasurementRuleEntity } from '#database';
import {
  assertMeasurementRule,
  FAMILIES,
  type FamilyCode,
  type MeasurementRule,
  metricByName,
  RuleViolation,
} from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';

interface Draft {
  family: FamilyCode;
  line: Pick<BenefitLineEntity, 'category'>;
  rule: RuleInput;
}

/** Throws a RuleViolation for a rule that the family's devices cannot meet. */
export function assertRuleFits({ family, line, rule }: Draft): void {
  const metric = metricByName(family, rule.metric);
  if (metric) return assertMeasurementRule(asMeasured({ family, line, rule }), metric);
  const names = FAMILIES[family].metrics.map(({ name }) => name);
  throw new RuleViolation(
    'measurement_rule_metric',
    `A ${family} does not report ${rule.metric}: choose one of ${names.join(', ')}.`,
    {
      metric: rule.metric,
      metrics: names,
    },
  );
}

/** The rule as the domain states it: absent where the wire and the database say null. */
function asMeasured({ line, rule }: Draft): MeasurementRule {
  const { failureFilter, counterfactualDimension, ...terms } = rule;
  return {
    ...terms,
    failureFilter: failureFilter ?? undefined,
    counterfactualDimension: counterfactualDimension ?? undefined,
    category: line.category,
  };
}

interface NewVersion {
  benefitLineId: string;
  version: number;
  rule: RuleInput;
  reason: string;
}

/** Stores a version of a line's rule; a stored one is never changed (rule B10). */
export async function addRuleVersion(tx: EntityManager, scope: Scope, { rule, ...version }: NewVersion): Promise<void> {
  const row = { ...rule, ...version, id: randomUUIDv7(), createdBy: scope.person.id };
  await scoped(tx, MeasurementRuleEntity, scope).save(row);
}
