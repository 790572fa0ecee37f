import { Paper, Stack, Text, Title } from '@mantine/core';
import { useDeferredValue, useId, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import beside from '../../forms/preview.module.css';
import { rateText } from '../../live/rate-text.js';
import type { TrialDraft, TrialForm } from './drafts.js';
import { ExampleMonth } from './example-month.js';
import { planEconomy, type PlanEconomy } from './plan-economy.js';
import { redrawnBy } from './redrawn-by.js';

/** What the plan comes to, while it is being written; computed here by the same functions as on the server. */
export const Preview = redrawnBy(
  ['costs', 'benefits', 'investmentOn', 'horizonYears', 'discountRate', 'family'],
  DrawPreview,
);

function DrawPreview({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  const id = useId();
  const draft = useDeferredValue(form.values);
  const economy = useMemo(() => planEconomy(draft), [draft]);
  return (
    <Paper component="aside" withBorder className={beside.preview} aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {t('benefitPlan.preview.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('benefitPlan.preview.lead')}
      </Text>
      <Stack>
        {economy === null ? (
          <Text size="sm">{t('benefitPlan.preview.missing')}</Text>
        ) : (
          <Economy economy={economy} draft={draft} />
        )}
        <ExampleMonth form={form} draft={draft} />
      </Stack>
    </Paper>
  );
}

function Economy({ economy, draft }: { economy: PlanEconomy; draft: TrialDraft }) {
  const { t } = useTranslation();
  const format = useFormat();
  const years = (value: number) => t('benefit.years', { years: format.number(value, 1) });
  const rowsOf = ({ npvOre, paybackYears }: PlanEconomy['financialOnly']) => [
    { label: t('benefit.npv'), value: <strong>{format.kronor(npvOre)}</strong> },
    { label: t('benefit.payback'), value: <strong>{rateText(paybackYears, t, years)}</strong> },
  ];
  return (
    <>
      <div>
        <Text fw={600}>{t('benefit.financialOnly')}</Text>
        <Facts rows={rowsOf(economy.financialOnly)} />
      </div>
      <div>
        <Text fw={600}>{t('benefit.includingRedistribution')}</Text>
        <Facts rows={rowsOf(economy.includingRedistribution)} />
        <Text size="sm" c="dimmed">
          {t('benefit.includingExplained')}
        </Text>
      </div>
      <Text size="sm" c="dimmed">
        {t('benefitPlan.preview.frame', {
          count: draft.horizonYears ?? 0,
          rate: `${format.number((draft.discountRate ?? 0) * 100, 2)}\u202f%`,
        })}
      </Text>
    </>
  );
}
