import { REJECT_CODES } from '#contracts';
import { Button, Group, NativeSelect, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../forms/search-field.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { rejectsQuery } from './queries.js';
import { RejectsList } from './rejects-list.js';

const STEP = 50;

/** What could not be taken, as a first-class list: nothing is dropped in silence. */
export function RejectsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [code, setCode] = useState('');
  const [limit, setLimit] = useState(STEP);
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery(rejectsQuery({ search: asked, limit, ...(code !== '' && { code }) }));
  const isFiltered = asked !== '' || code !== '';
  return (
    <>
      <PageTitle title={t('rejects.title')} lead={t('rejects.lead')} />
      <Stack>
        <SearchField value={search} onChange={setSearch} placeholder={t('rejects.searchHint')} total={data?.total}>
          <CodeChoice value={code} onChange={setCode} />
        </SearchField>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && isFiltered && <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />}
        {data?.total === 0 && !isFiltered && <EmptyState title={t('rejects.none')} text={t('rejects.noneExplained')} />}
        {data !== undefined && data.rows.length > 0 && <RejectsList rejects={data.rows} />}
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

function CodeChoice({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const { t } = useTranslation();
  const options = REJECT_CODES.map((code) => ({ value: code, label: t(`rejects.reason.${code}`) }));
  return (
    <NativeSelect
      label={t('rejects.code')}
      data={[{ value: '', label: t('forms.all') }, ...options]}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}
