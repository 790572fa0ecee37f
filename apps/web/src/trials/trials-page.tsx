import type { TrialSummaryView } from '#contracts';
import { FAMILIES, TRIAL_STAGES, type TrialStage } from '#domain';
import { NativeSelect, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { SearchField } from '../forms/search-field.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink, TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { trialsQuery } from './queries.js';
import { StageBadge } from './stage-badge.js';

/** The catalogue of trials: what is tried, by whom and how far it has come. */
export function TrialsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [stage, setStage] = useState<TrialStage>();
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery(trialsQuery({ search: asked, stage }));
  return (
    <>
      <PageTitle title={t('trials.title')} lead={t('trials.lead')} actions={<RegisterLink />} />
      <Stack>
        <SearchField value={search} onChange={setSearch} placeholder={t('trials.searchHint')} total={data?.total}>
          <StageChoice value={stage} onChange={setStage} />
        </SearchField>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && <NoTrials isFiltered={asked !== '' || stage !== undefined} />}
        {data !== undefined && data.total > 0 && <Trials rows={data.rows} />}
      </Stack>
    </>
  );
}

function RegisterLink() {
  const { t } = useTranslation();
  if (!useMay('trial:edit')) return null;
  return (
    <ButtonLink to="/trials/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('trials.register')}
    </ButtonLink>
  );
}

function StageChoice({
  value,
  onChange,
}: {
  value: TrialStage | undefined;
  onChange: (stage: TrialStage | undefined) => void;
}) {
  const { t } = useTranslation();
  const options = TRIAL_STAGES.map((stage) => ({ value: stage, label: t(`words.stage.${stage}`) }));
  return (
    <NativeSelect
      label={t('trials.stage')}
      data={[{ value: '', label: t('forms.all') }, ...options]}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(TRIAL_STAGES.find((known) => known === currentTarget.value))}
    />
  );
}

function NoTrials({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  const mayEdit = useMay('trial:edit');
  if (isFiltered) return <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />;
  const text = t(mayEdit ? 'trials.noneExplained' : 'trials.noneReader');
  return <EmptyState title={t('trials.none')} text={text} action={<RegisterLink />} />;
}

function Trials({ rows }: { rows: TrialSummaryView[] }) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <DataTable
      caption={t('trials.title')}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      sortedBy={{ id: 'starts', desc: true }}
    />
  );
}

function useColumns(): Column<TrialSummaryView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const familyOf = ({ family }: TrialSummaryView) => FAMILIES[family].name[format.locale];
  return [
    {
      id: 'title',
      header: t('trials.trial'),
      isRowHeader: true,
      value: ({ title }) => title,
      cell: (trial) => <Title trial={trial} />,
    },
    {
      id: 'stage',
      header: t('trials.stage'),
      value: ({ stage }) => TRIAL_STAGES.indexOf(stage),
      cell: ({ stage }) => <StageBadge stage={stage} />,
    },
    {
      id: 'family',
      header: t('trials.what'),
      value: familyOf,
      cell: (trial) => [familyOf(trial), trial.productName].filter(Boolean).join(' · '),
    },
    {
      id: 'owner',
      header: t('trials.owner'),
      value: ({ ownerNodeName }) => ownerNodeName,
      cell: ({ ownerNodeName }) => ownerNodeName,
    },
    {
      id: 'starts',
      header: t('trials.planned'),
      value: ({ plannedStartsOn }) => plannedStartsOn,
      cell: ({ plannedStartsOn, plannedEndsOn }) => `${format.date(plannedStartsOn)} – ${format.date(plannedEndsOn)}`,
    },
    {
      id: 'devices',
      header: t('trials.devices'),
      align: 'end',
      value: ({ devices }) => devices,
      cell: ({ devices }) => t('forms.pieces', { amount: format.number(devices) }),
    },
  ];
}

/** What has begun is looked at as it lives; what has not, by its plan. */
const UNBEGUN: readonly TrialStage[] = ['idea', 'preparation', 'approved'];

function Title({ trial: { id, title, code, stage } }: { trial: TrialSummaryView }) {
  return (
    <div>
      <TextLink to={UNBEGUN.includes(stage) ? '/trials/$id' : '/trials/$id/live'} params={{ id }}>
        {title}
      </TextLink>
      <Text size="sm" c="dimmed">
        {code}
      </Text>
    </div>
  );
}
