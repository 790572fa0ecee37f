import type { CallOf, RejectView, rejectsApi } from '#contracts';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { SearchField } from '../forms/search-field.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay, useSession } from '../session.js';
import { countsQuery, groupsQuery, rejectsQuery } from './queries.js';
import { countedBy, NO_FILTER, RejectFilterFields } from './reject-filter.js';
import { RejectGroups } from './reject-groups.js';
import { RejectsChart } from './rejects-chart.js';
import { RejectsList } from './rejects-list.js';
import type { Chosen } from './replay-dialog.js';

const ReplayDialog = lazy(() => import('./replay-dialog.js'));

const STEP = 50;

/** What could not be taken, as a first-class list: nothing is dropped in silence, and what is mended is replayed. */
export function RejectsPage() {
  const { t } = useTranslation();
  const zone = useSession().municipality.timeZone;
  const [search, setSearch] = useState('');
  const [filter, setFilter] = useState(NO_FILTER);
  const [limit, setLimit] = useState(STEP);
  const [asked] = useDebouncedValue(search, 250);
  const narrowed = countedBy(filter, zone);
  const meant = {
    ...narrowed,
    ...(asked !== '' && { search: asked }),
    ...(filter.outcome !== '' && { outcome: filter.outcome }),
  };
  const { data, error, refetch } = useQuery(rejectsQuery({ ...meant, limit }));
  const isFiltered = Object.keys(meant).length > 0;
  return (
    <>
      <PageTitle title={t('rejects.title')} lead={t('rejects.lead')} />
      <Stack>
        <AtLarge narrowed={narrowed} onCode={(code) => setFilter({ ...filter, code })} />
        <RejectFilterFields filter={filter} onChange={setFilter} />
        <SearchField value={search} onChange={setSearch} placeholder={t('rejects.searchHint')} total={data?.total} />
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && <Nothing isFiltered={isFiltered} />}
        {data !== undefined && data.rows.length > 0 && <Replayable rejects={data.rows} meant={meant} />}
        {data !== undefined && data.total > data.rows.length && limit < 1000 && (
          <Group justify="center">
            <Button variant="default" onClick={() => setLimit(Math.min(limit + STEP, 1000))}>
              {t('forms.showMore')}
            </Button>
          </Group>
        )}
      </Stack>
    </>
  );
}

type Narrowed = ReturnType<typeof countedBy>;

/** Reasons and times of all, also of those that are not stored. */
function AtLarge({ narrowed, onCode }: { narrowed: Narrowed; onCode: (code: string) => void }) {
  const [step, setStep] = useState<'hour' | 'day'>('hour');
  const groups = useQuery(groupsQuery(narrowed)).data;
  const counts = useQuery(countsQuery({ ...narrowed, step })).data;
  return (
    <>
      {groups !== undefined && groups.length > 0 && <RejectGroups groups={groups} onCode={onCode} />}
      {counts !== undefined && <RejectsChart counts={counts} onStep={setStep} />}
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  return isFiltered ? (
    <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />
  ) : (
    <EmptyState title={t('rejects.none')} text={t('rejects.noneExplained')} />
  );
}

type Meant = NonNullable<CallOf<typeof rejectsApi.replay>['body']['filter']>;

/** The list, where those who may can choose what to replay. */
function Replayable({ rejects, meant }: { rejects: RejectView[]; meant: Meant }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayReplay = useMay('reject:replay');
  const [ids, setIds] = useState<ReadonlySet<number>>(new Set());
  const [chosen, setChosen] = useState<Chosen | null>(null);
  if (!mayReplay) return <RejectsList rejects={rejects} />;
  const able = rejects.filter(({ replayFault }) => replayFault === null).map(({ id }) => id);
  const selected = able.filter((id) => ids.has(id));
  const toggle = (id: number): void =>
    setIds(new Set(ids.has(id) ? [...ids].filter((one) => one !== id) : [...ids, id]));
  const close = (): void => {
    setChosen(null);
    setIds(new Set());
  };
  return (
    <>
      <Group gap="sm" className="no-print">
        <Button variant="default" disabled={able.length === 0} onClick={() => setIds(new Set(able))}>
          {t('rejects.selectShown')}
        </Button>
        <Button disabled={selected.length === 0} onClick={() => setChosen({ ids: selected })}>
          {t('rejects.replay')}
        </Button>
        <Button variant="default" onClick={() => setChosen({ filter: meant })}>
          {t('rejects.replayAll')}
        </Button>
        <Text size="sm" role="status">
          {selected.length > 0 &&
            t('rejects.selected', { count: selected.length, amount: format.number(selected.length) })}
        </Text>
      </Group>
      <RejectsList rejects={rejects} selection={{ ids: new Set(selected), toggle }} />
      <Suspense fallback={null}>{chosen !== null && <ReplayDialog chosen={chosen} onClose={close} />}</Suspense>
    </>
  );
}
