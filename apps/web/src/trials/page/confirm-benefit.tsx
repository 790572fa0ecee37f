import { benefitsApi, type CallOf, type TrialBenefitView, type TrialView } from '#contracts';
import { addMonths } from '#domain';
import { NativeSelect, Text, Textarea } from '@mantine/core';
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { useFormat } from '../../format.js';
import { Form } from '../../forms/form.js';
import { nodesQuery } from '../../forms/node-picker.js';
import { KronorField } from '../../forms/number-field.js';
import { benefitsApi as forms } from '../../forms/schemas.js';
import { Fields, Section } from '../../forms/section.js';
import { useSchemaForm } from '../../forms/use-schema-form.js';
import { useToday } from '../../forms/use-today.js';
import { trialBenefitQuery } from '../queries.js';
import { monthName } from './month-name.js';

type Body = CallOf<typeof benefitsApi.confirm>['body'];
type Draft = { nodeId: string; month: string; confirmedOre: number | null; actionTaken: string };

/** How far back a month can be chosen: longer ago, nobody remembers what was done. */
const MONTHS_BACK = 24;

function monthsUntil(today: string, startsOn: string): string[] {
  const months = Array.from({ length: MONTHS_BACK }, (_, back) =>
    addMonths(`${today.slice(0, 7)}-01`, -back).slice(0, 7),
  );
  const since = months.filter((month) => month >= startsOn.slice(0, 7));
  return since.length === 0 ? months.slice(0, 1) : since;
}

/** Of the units where the trial runs, those in one's scope: others' benefit is theirs to confirm. */
function useOwnUnits(trial: TrialView): { id: string; name: string }[] {
  const { data: nodes } = useSuspenseQuery(nodesQuery);
  const owner = { id: trial.ownerNodeId, name: trial.ownerNodeName };
  const units = trial.participatingNodes.length > 0 ? trial.participatingNodes : [owner];
  return units.filter(({ id }) => nodes.some((node) => node.id === id));
}

/** A manager says what a unit did with a month's freed resources, line by line. */
export default function ConfirmBenefit({ trial, lines }: { trial: TrialView; lines: TrialBenefitView['lines'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const [lineId, setLineId] = useState(trial.benefits[0]?.id ?? '');
  const line = trial.benefits.find(({ id }) => id === lineId);
  const potentialOre = lines.find((one) => one.lineId === lineId)?.potentialOre ?? null;
  const units = useOwnUnits(trial);
  const months = monthsUntil(useToday(), line?.startsOn ?? trial.plannedStartsOn);
  const empty = { nodeId: units[0]?.id ?? '', month: months[0] ?? '', confirmedOre: null, actionTaken: '' };
  const form = useSchemaForm<Draft>(forms.confirm.body, empty);
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(benefitsApi.confirm, { params: { id: trial.id, lineId }, body: draft as Body }),
    onSuccess: async (view) => {
      queryClient.setQueryData(trialBenefitQuery(trial.id).queryKey, view);
      form.setValues({ confirmedOre: null, actionTaken: '' });
      await queryClient.invalidateQueries({ queryKey: ['live'] });
    },
  });
  if (units.length === 0) return null;
  return (
    <Section title={t('trials.confirm.title')} lead={t('trials.confirm.lead')}>
      <Form form={form} saving={saving} submitLabel={t('trials.confirm.submit')}>
        <Fields>
          <NativeSelect
            label={t('benefitPlan.benefit.line')}
            data={trial.benefits.map(({ id, name }) => ({ value: id, label: name }))}
            value={lineId}
            onChange={({ currentTarget }) => setLineId(currentTarget.value)}
          />
          <NativeSelect
            label={t('trials.realised.unit')}
            data={units.map(({ id, name }) => ({ value: id, label: name }))}
            {...form.getInputProps('nodeId')}
          />
          <NativeSelect
            label={t('trials.realised.month')}
            data={months.map((month) => ({ value: month, label: monthName(month, format.locale) }))}
            {...form.getInputProps('month')}
          />
        </Fields>
        <KronorField
          label={t('trials.confirm.amount')}
          description={
            potentialOre === null
              ? t('trials.confirm.amountByHand')
              : t('trials.confirm.amountHint', { amount: format.kronor(potentialOre) })
          }
          withAsterisk
          maw={360}
          {...form.getInputProps('confirmedOre')}
        />
        <Textarea
          label={t('trials.realised.action')}
          description={
            line?.realisationAction
              ? t('trials.confirm.plannedAction', { action: line.realisationAction })
              : t('trials.confirm.actionHint')
          }
          withAsterisk
          autosize
          minRows={2}
          {...form.getInputProps('actionTaken')}
        />
        <Text role="status" size="sm" c="dimmed">
          {saving.isSuccess && t('trials.confirm.saved')}
        </Text>
      </Form>
    </Section>
  );
}
