import { storageApi, type StorageView } from '#contracts';
import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { useFormat } from '../../format.js';
import { Age } from '../../parts/age.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Figure, Figures } from '../../parts/figure.js';
import { PageState } from '../../parts/page-state.js';
import { PageTitle } from '../../parts/page-title.js';
import { HeldTable } from './held-table.js';
import { RunsTable } from './runs-table.js';
import { TablesTable } from './tables-table.js';
import { useSize } from './use-size.js';
import { WeeksTable } from './weeks-table.js';

const FEWEST_WEEKS_AHEAD = 2;

/** What is stored, for how long, and what was removed when its time was over (rule K1). */
export function StoragePage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({ queryKey: ['storage'], queryFn: () => call(storageApi.read) });
  if (data === undefined) return <PageState title={t('storage.title')} error={error} onRetry={() => void refetch()} />;
  return (
    <>
      <PageTitle
        title={t('storage.title')}
        lead={t('storage.lead')}
        actions={
          <Text size="sm">
            {t('storage.updated')} <Age at={data.asOf} />
          </Text>
        }
      />
      <Stack gap={32}>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        <Summary storage={data} />
        <HeldTable storage={data} />
        <RunsTable runs={data.runs} />
        <WeeksTable partitions={data.partitions} />
        <TablesTable storage={data} />
      </Stack>
    </>
  );
}

const bytesOf = (rows: readonly { heapBytes: number; indexBytes: number }[]): number =>
  rows.reduce((sum, { heapBytes, indexBytes }) => sum + heapBytes + indexBytes, 0);

function Summary({ storage }: { storage: StorageView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const size = useSize();
  const { keptFrom, rawDays, weeksAhead, partitions, tables } = storage;
  const raw = bytesOf(partitions);
  const known = partitions.filter(({ rows }) => (rows ?? 0) > 0);
  const rows = known.reduce((sum, partition) => sum + (partition.rows ?? 0), 0);
  return (
    <Figures>
      <Figure
        label={t('storage.keptFrom')}
        value={keptFrom === null ? t('storage.nothingKept') : format.date(keptFrom.slice(0, 10))}
        below={t('storage.keptDays', { count: rawDays })}
      />
      <Figure
        label={t('storage.weeksAhead')}
        value={format.number(weeksAhead)}
        {...(weeksAhead < FEWEST_WEEKS_AHEAD && { below: t('storage.weeksAheadLow') })}
      />
      <Figure
        label={t('storage.size')}
        value={size(raw + bytesOf(tables))}
        below={t('storage.sizeRaw', { size: size(raw) })}
      />
      <Figure
        label={t('storage.perRow')}
        value={rows === 0 ? t('storage.unknown') : format.number(bytesOf(known) / rows)}
        below={t('storage.perRowBelow')}
      />
    </Figures>
  );
}
