import type { TrialBenefitView, TrialView } from '#contracts';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Section } from '../../forms/section.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { useMay } from '../../session.js';
import { trialBenefitQuery } from '../queries.js';
import { monthName } from './month-name.js';
import { TrialFrame } from './trial-frame.js';

const ConfirmBenefit = lazy(() => import('./confirm-benefit.js'));

const route = getRouteApi('/shell/trials/$id/realisation');

type Line = TrialBenefitView['lines'][number];
type Confirmation = Line['confirmations'][number] & { lineName: string };

export function RealisationPage() {
  const { id } = route.useParams();
  return <TrialFrame id={id}>{(trial) => <Realisation trial={trial} />}</TrialFrame>;
}

/** Freed resources are potential until a manager says what was done with them. */
function Realisation({ trial }: { trial: TrialView }) {
  const mayConfirm = useMay('benefit:confirm');
  const { data, error, refetch } = useQuery(trialBenefitQuery(trial.id));
  if (data === undefined)
    return error === null ? <Loading /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {mayConfirm && trial.benefits.length > 0 && (
        <Suspense fallback={<Loading />}>
          <ConfirmBenefit trial={trial} lines={data.lines} />
        </Suspense>
      )}
      <Confirmed lines={data.lines} mayConfirm={mayConfirm} />
    </>
  );
}

function Confirmed({ lines, mayConfirm }: { lines: Line[]; mayConfirm: boolean }) {
  const { t } = useTranslation();
  const columns = useColumns();
  const rows = lines.flatMap(({ name, confirmations }) => confirmations.map((one) => ({ ...one, lineName: name })));
  return (
    <Section title={t('trials.realised.title')} lead={t('trials.realised.lead')}>
      {rows.length === 0 && (
        <Text c="dimmed">{t(mayConfirm ? 'trials.realised.none' : 'trials.realised.noneReader')}</Text>
      )}
      {rows.length > 0 && (
        <DataTable
          caption={t('trials.realised.title')}
          rows={rows}
          columns={columns}
          rowKey={({ id }) => id}
          sortedBy={{ id: 'month', desc: true }}
        />
      )}
    </Section>
  );
}

function useColumns(): Column<Confirmation>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    {
      id: 'month',
      header: t('trials.realised.month'),
      isRowHeader: true,
      value: ({ month }) => month,
      cell: ({ month }) => monthName(month, format.locale),
    },
    {
      id: 'unit',
      header: t('trials.realised.unit'),
      value: ({ nodeName }) => nodeName,
      cell: ({ nodeName }) => nodeName,
    },
    {
      id: 'line',
      header: t('benefitPlan.benefit.line'),
      value: ({ lineName }) => lineName,
      cell: ({ lineName }) => lineName,
    },
    {
      id: 'potential',
      header: t('benefit.potential'),
      align: 'end',
      cell: ({ potentialOre }) => (potentialOre === null ? t('benefit.notMeasured') : format.kronor(potentialOre)),
    },
    {
      id: 'confirmed',
      header: t('trials.realised.confirmed'),
      align: 'end',
      cell: ({ confirmedOre }) => format.kronor(confirmedOre),
    },
    {
      id: 'realised',
      header: t('benefit.realised'),
      align: 'end',
      cell: ({ realisedOre }) => format.kronor(realisedOre),
    },
    { id: 'action', header: t('trials.realised.action'), cell: ({ actionTaken }) => actionTaken },
    {
      id: 'by',
      header: t('trials.realised.by'),
      cell: ({ confirmedByName, confirmedAt }) => `${confirmedByName}, ${format.dateTime(confirmedAt)}`,
    },
  ];
}
