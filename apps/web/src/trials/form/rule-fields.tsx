import {
  EVIDENCE_LEVELS,
  FAMILIES,
  type AssumableField,
  type EvidenceLevel,
  type Family,
  type FamilyCode,
  type Metric,
} from '#domain';
import { NativeSelect, Textarea } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { KronorField, NumberField, PercentField } from '../../forms/number-field.js';
import { Fields } from '../../forms/section.js';
import type { RuleDraft } from './drafts.js';
import { FilterField } from './filter-field.js';

interface RuleFieldsProps {
  family: FamilyCode;
  rule: RuleDraft;
  errorOf: (field: keyof RuleDraft) => ReactNode;
  onChange: (rule: RuleDraft) => void;
}

type Change = <Field extends keyof RuleDraft>(field: Field, value: RuleDraft[Field]) => void;

interface PartProps {
  family: Family;
  metric: Metric | undefined;
  rule: RuleDraft;
  errorOf: RuleFieldsProps['errorOf'];
  change: Change;
}

/** A measurement rule to edit: what is counted, and what each counted use is worth. */
export function RuleFields({ family: code, rule, errorOf, onChange }: RuleFieldsProps) {
  const family: Family = FAMILIES[code];
  const metric = family.metrics.find(({ name }) => name === rule.metric);
  const change: Change = (field, value) => onChange({ ...rule, [field]: value });
  const part = { family, metric, rule, errorOf, change };
  return (
    <>
      <Counted
        {...part}
        onMetric={(name) =>
          onChange({ ...rule, metric: name, filter: {}, failureFilter: null, counterfactualDimension: null })
        }
      />
      <Worth {...part} />
      <Failures {...part} />
      <Evidence {...part} />
    </>
  );
}

function Counted({
  family,
  metric,
  rule,
  errorOf,
  change,
  onMetric,
}: PartProps & { onMetric: (name: string) => void }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const metrics = family.metrics.filter(({ kind }) => kind !== 'gauge');
  return (
    <>
      <Fields>
        <NativeSelect
          label={t('benefitPlan.rule.metric')}
          data={metrics.map(({ name, label }) => ({ value: name, label: label[locale] }))}
          value={rule.metric}
          error={errorOf('metric')}
          onChange={({ currentTarget }) => onMetric(currentTarget.value)}
        />
        <NumberField
          label={t('benefitPlan.rule.deduplicate')}
          description={t('benefitPlan.rule.deduplicateHint')}
          unit="min"
          allowNegative={false}
          value={rule.deduplicateMinutes}
          error={errorOf('deduplicateMinutes')}
          onChange={(value) => change('deduplicateMinutes', value)}
        />
      </Fields>
      {metric !== undefined && (
        <FilterField
          legend={t('benefitPlan.rule.filter')}
          metric={metric}
          filter={rule.filter}
          error={errorOf('filter')}
          onChange={(filter) => change('filter', filter)}
        />
      )}
    </>
  );
}

function Worth({ family, metric, rule, errorOf, change }: PartProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const note = useAssumptionNote(family, rule);
  const attributes = Object.entries(metric?.attributes ?? {}).map(([name, { label }]) => ({
    value: name,
    label: label[locale],
  }));
  const own = (field: AssumableField) => ({
    value: rule[field],
    error: errorOf(field),
    description: note(field),
    onChange: (value: number | null) => change(field, value),
  });
  return (
    <>
      <Fields>
        <PercentField label={t('benefitPlan.rule.share')} {...own('counterfactualShare')} />
        <NativeSelect
          label={t('benefitPlan.rule.shareOf')}
          description={t('benefitPlan.rule.shareOfHint')}
          data={[{ value: '', label: t('benefitPlan.rule.noDimension') }, ...attributes]}
          value={rule.counterfactualDimension ?? ''}
          error={errorOf('counterfactualDimension')}
          onChange={({ currentTarget }) => change('counterfactualDimension', currentTarget.value || null)}
        />
      </Fields>
      <Fields>
        <NumberField
          label={t('benefitPlan.rule.minutes')}
          unit="min"
          allowNegative={false}
          {...own('minutesPerUnit')}
        />
        <NumberField
          label={t('benefitPlan.rule.addedWork')}
          unit="min"
          allowNegative={false}
          {...own('addedWorkMinutesPerUnit')}
        />
        <KronorField label={t('benefitPlan.rule.hourlyCost')} unit="kr/h" {...own('hourlyCostOre')} />
      </Fields>
    </>
  );
}

function Failures({ family, metric, rule, errorOf, change }: PartProps) {
  const { t } = useTranslation();
  const note = useAssumptionNote(family, rule);
  if (metric === undefined || metric.dimensions.length === 0) return null;
  return (
    <>
      <FilterField
        legend={t('benefitPlan.rule.failureFilter')}
        metric={metric}
        filter={rule.failureFilter ?? {}}
        error={errorOf('failureFilter')}
        isNothingWhenEmpty
        onChange={(filter) => change('failureFilter', Object.keys(filter).length === 0 ? null : filter)}
      />
      <Fields>
        <NumberField
          label={t('benefitPlan.rule.failureMinutes')}
          unit="min"
          allowNegative={false}
          description={note('failureMinutes')}
          value={rule.failureMinutes}
          error={errorOf('failureMinutes')}
          onChange={(value) => change('failureMinutes', value)}
        />
      </Fields>
    </>
  );
}

function Evidence({ rule, errorOf, change }: PartProps) {
  const { t } = useTranslation();
  return (
    <Fields>
      <NativeSelect
        label={t('benefit.evidence')}
        data={EVIDENCE_LEVELS.map((value) => ({ value, label: t(`words.evidence.${value}`) }))}
        value={rule.evidence}
        error={errorOf('evidence')}
        onChange={({ currentTarget }) => change('evidence', currentTarget.value as EvidenceLevel)}
      />
      <Textarea
        label={t('benefitPlan.rule.source')}
        autosize
        minRows={2}
        value={rule.source}
        error={errorOf('source')}
        onChange={({ currentTarget }) => change('source', currentTarget.value)}
      />
    </Fields>
  );
}

/** Where a figure comes from: our assumption or the family's source while it stands untouched, else the applicant's own. */
function useAssumptionNote(family: Family, rule: RuleDraft): (field: AssumableField) => string {
  const { t } = useTranslation();
  return (field) => {
    const { metric, assumption, [field]: given } = family.defaultRule;
    if (rule.metric !== metric || rule[field] !== given) return t('benefitPlan.ownFigure');
    return t(assumption[field] ? 'benefitPlan.assumption' : 'benefitPlan.fromSource');
  };
}
