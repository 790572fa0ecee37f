import { FAMILIES, type Family } from '#domain';
import { Button, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { NumberField } from '../../forms/number-field.js';
import { Fields } from '../../forms/section.js';
import { CalculationSteps } from '../../live/calculation-steps.js';
import type { TrialDraft, TrialForm } from './drafts.js';
import { EXAMPLE_DAYS, exampleMonth, usualEventsPerDay } from './plan-economy.js';

/** Devices in the example before somebody says how many: a round number, easy to scale in the head. */
const EXAMPLE_DEVICES = 10;

/** One month through the first line's rule, step by step (rule B9): an example to reason with, no forecast. */
export function ExampleMonth({ form, draft }: { form: TrialForm; draft: TrialDraft }) {
  const index = draft.benefits.findIndex(({ rule }) => rule !== null);
  const line = draft.benefits[index];
  if (draft.family === null || line?.rule == null) return null;
  // Another metric begins with that metric's own rhythm.
  return <Month key={line.rule.metric} form={form} index={index} draft={draft} family={FAMILIES[draft.family]} />;
}

interface MonthProps {
  form: TrialForm;
  index: number;
  draft: TrialDraft;
  family: Family;
}

function Month({ form, index, draft, family }: MonthProps) {
  const { t } = useTranslation();
  const line = draft.benefits[index];
  const rule = line?.rule ?? null;
  const [devices, setDevices] = useState<number | null>(EXAMPLE_DEVICES);
  const [perDay, setPerDay] = useState<number | null>(usualEventsPerDay(family, rule?.metric ?? '') ?? null);
  if (line === undefined || rule === null) return null;
  const events = Math.round((devices ?? 0) * (perDay ?? 0) * EXAMPLE_DAYS);
  const calculation = exampleMonth(family, rule, events);
  return (
    <Stack gap="xs">
      <Text fw={600}>{t('benefitPlan.preview.example')}</Text>
      <Fields>
        <NumberField
          label={t('benefitPlan.preview.devices')}
          unit={t('forms.pieceUnit')}
          allowDecimal={false}
          allowNegative={false}
          value={devices}
          onChange={setDevices}
        />
        <NumberField
          label={t('benefitPlan.preview.perDay')}
          description={t('benefitPlan.assumption')}
          allowNegative={false}
          value={perDay}
          onChange={setPerDay}
        />
      </Fields>
      {calculation === null ? (
        <Text size="sm">{t('benefitPlan.preview.ruleMissing')}</Text>
      ) : (
        <>
          <CalculationSteps calculation={calculation} metric={rule.metric} category={line.category} />
          <TakeAsPlan form={form} index={index} potentialOre={calculation.potentialOre} />
        </>
      )}
    </Stack>
  );
}

function TakeAsPlan({ form, index, potentialOre }: { form: TrialForm; index: number; potentialOre: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (potentialOre <= 0) return null;
  const take = () => form.setFieldValue(`benefits.${index}.plannedMonthOre`, potentialOre);
  return (
    <Button size="xs" variant="default" onClick={take} style={{ alignSelf: 'start' }}>
      {t('benefitPlan.preview.takeAsPlan', { amount: format.kronor(potentialOre) })}
    </Button>
  );
}
