import type { MappingRuleMessage } from '#contracts';
import { assertMapping, type Family, RuleViolation } from '#domain';
import { useTranslation } from 'react-i18next';
import { useProblemsOf } from '../forms/problems.js';
import { EditMapping } from '../forms/schemas.js';

/** Path of a field, `0.attributes.result` → what is wrong there; empty when the rules can be saved. */
export type MappingProblems = Readonly<Record<string, string>>;

/** Checks rules as the server does: by the contract's schema, and by the domain against the family. */
export function useMappingProblems(family: Family): (rules: readonly MappingRuleMessage[]) => MappingProblems {
  const { t } = useTranslation();
  const problemsOf = useProblemsOf(EditMapping);
  return (rules) => {
    const shape = Object.entries(problemsOf({ rules, basedOn: 0 }));
    if (shape.length > 0) {
      return Object.fromEntries(
        shape.map(([path, text]) => [path.replace(/^rules\./, ''), typeof text === 'string' ? text : '']),
      );
    }
    const broken = violationOf(rules, family);
    if (broken === null) return {};
    const { rule, field } = broken.details as { rule: number; field: string };
    return { [`${rule}.${field}`]: t(`errors.code.${broken.code as 'mapping_metric'}`) };
  };
}

function violationOf(rules: readonly MappingRuleMessage[], family: Family): RuleViolation | null {
  try {
    assertMapping(rules, family);
    return null;
  } catch (error) {
    if (error instanceof RuleViolation) return error;
    throw error;
  }
}

/** The first problem at a path or below it. */
export function problemAt(problems: MappingProblems, path: string): string | undefined {
  const found = Object.keys(problems).find((one) => one === path || one.startsWith(`${path}.`));
  return found === undefined ? undefined : problems[found];
}
