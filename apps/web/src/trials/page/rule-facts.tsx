import type { RuleView } from '#contracts';
import { FAMILIES, type AssumableField, type Family, type FamilyCode, type Metric, type UsageFilter } from '#domain';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat, type Locale } from '../../format.js';
import { Facts } from '../../forms/facts.js';

/** A rule's terms, in words and units, with which of its figures are assumptions and where the rest come from. */
export function RuleFacts({ family: code, rule }: { family: FamilyCode; rule: RuleView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const family: Family = FAMILIES[code];
  const metric = family.metrics.find(({ name }) => name === rule.metric);
  const minutes = (value: number) => `${format.number(value, 2)}\u202fmin`;
  const noted = (field: AssumableField, text: string) => <Noted text={text} note={noteOf(family, rule, field)} />;
  return (
    <>
      <Facts
        rows={[
          { label: t('benefitPlan.rule.metric'), value: metric?.label[format.locale] ?? rule.metric },
          {
            label: t('benefitPlan.rule.filter'),
            value: filterText(metric, rule.filter, format.locale) || t('benefitPlan.rule.everything'),
          },
          { label: t('benefitPlan.rule.deduplicate'), value: minutes(rule.deduplicateMinutes) },
          {
            label: t('benefitPlan.rule.share'),
            value: noted('counterfactualShare', `${format.number(rule.counterfactualShare * 100, 1)}\u202f%`),
          },
          { label: t('benefitPlan.rule.minutes'), value: noted('minutesPerUnit', minutes(rule.minutesPerUnit)) },
          {
            label: t('benefitPlan.rule.addedWork'),
            value: noted('addedWorkMinutesPerUnit', minutes(rule.addedWorkMinutesPerUnit)),
          },
          {
            label: t('benefitPlan.rule.hourlyCost'),
            value: noted('hourlyCostOre', `${format.price(rule.hourlyCostOre)}/h`),
          },
          {
            label: t('benefitPlan.rule.failureFilter'),
            value: filterText(metric, rule.failureFilter ?? {}, format.locale) || t('benefitPlan.rule.noFailures'),
          },
          { label: t('benefitPlan.rule.failureMinutes'), value: noted('failureMinutes', minutes(rule.failureMinutes)) },
          { label: t('benefit.evidence'), value: t(`words.evidence.${rule.evidence}`) },
        ]}
      />
      <Text size="sm">
        {t('benefitPlan.rule.source')}: {rule.source || '–'}
      </Text>
      <Text size="sm" c="dimmed">
        {t('benefit.ruleVersion', { version: rule.version })}, {format.dateTime(rule.createdAt)}
        {rule.reason !== '' && `. ${t('forms.reason')}: ${rule.reason}`}
      </Text>
    </>
  );
}

type Note = 'assumption' | 'fromSource' | 'ownFigure';

/** The family's figure keeps the family's standing; a changed one is the trial's own. */
function noteOf(family: Family, rule: RuleView, field: AssumableField): Note {
  const { metric, assumption, [field]: given } = family.defaultRule;
  if (rule.metric !== metric || rule[field] !== given) return 'ownFigure';
  return assumption[field] ? 'assumption' : 'fromSource';
}

function Noted({ text, note }: { text: string; note: Note }) {
  const { t } = useTranslation();
  return (
    <>
      {text}{' '}
      <Text span size="sm" c="dimmed">
        {t(`benefitPlan.${note}`)}
      </Text>
    </>
  );
}

/** "Utfall: Lyckad; Vem som öppnade: Personal". */
function filterText(metric: Metric | undefined, filter: UsageFilter, locale: Locale): string {
  return Object.entries(filter)
    .map(([dimension, values]) => {
      const shape = metric?.attributes[dimension];
      const names = values.map((value) => (shape?.type === 'enum' ? (shape.labels[value]?.[locale] ?? value) : value));
      return `${shape?.label[locale] ?? dimension}: ${names.join(', ')}`;
    })
    .join('; ');
}
