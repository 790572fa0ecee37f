import { auditApi, type AuditEntryView } from '#contracts';
import { Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { DateField } from '../../forms/date-field.js';
import { SearchField } from '../../forms/search-field.js';
import { audit } from '../../i18n/messages/audit.js';
import { EmptyState } from '../../parts/empty-state.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PageTitle } from '../../parts/page-title.js';
import { AuditList } from './audit-list.js';

const STEP = 100;
const SUBJECTS = Object.keys(audit.sv.subject) as (keyof typeof audit.sv.subject)[];

interface Wanted {
  search: string;
  subjectKind: string;
  from: string | null;
  to: string | null;
}

const NOTHING_SPECIAL: Wanted = { search: '', subjectKind: '', from: null, to: null };

function useAudit({ search, subjectKind, from, to }: Wanted, limit: number) {
  const given = {
    ...(subjectKind !== '' && { subjectKind }),
    ...(from !== null && { from }),
    ...(to !== null && { to }),
  };
  return useQuery({
    queryKey: ['audit', search, given, limit],
    queryFn: () => call(auditApi.list, { query: { search, limit, ...given } }),
    placeholderData: keepPreviousData,
  });
}

/** Who did what and when, newest first. */
export function AuditPage() {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(NOTHING_SPECIAL);
  const [limit, setLimit] = useState(STEP);
  const [asked] = useDebouncedValue(wanted, 250);
  const { data, error, refetch } = useAudit(asked, limit);
  return (
    <>
      <PageTitle title={t('audit.title')} lead={t('audit.lead')} />
      <Stack>
        <Filters wanted={wanted} total={data?.total} onChange={setWanted} />
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data !== undefined && <Entries entries={data.rows} />}
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

function Entries({ entries }: { entries: AuditEntryView[] }) {
  const { t } = useTranslation();
  if (entries.length === 0) return <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />;
  return <AuditList entries={entries} />;
}

function Filters({
  wanted,
  total,
  onChange,
}: {
  wanted: Wanted;
  total: number | undefined;
  onChange: (wanted: Wanted) => void;
}) {
  const { t } = useTranslation();
  const subjects = SUBJECTS.map((value) => ({ value, label: t(`audit.subject.${value}`) }));
  return (
    <SearchField
      value={wanted.search}
      onChange={(search) => onChange({ ...wanted, search })}
      placeholder={t('audit.searchHint')}
      total={total}
    >
      <NativeSelect
        label={t('audit.about')}
        data={[{ value: '', label: t('forms.all') }, ...subjects]}
        value={wanted.subjectKind}
        onChange={({ currentTarget }) => onChange({ ...wanted, subjectKind: currentTarget.value })}
      />
      <DateField
        label={t('audit.from')}
        clearable
        w={170}
        value={wanted.from}
        onChange={(from) => onChange({ ...wanted, from })}
      />
      <DateField
        label={t('audit.to')}
        clearable
        w={170}
        value={wanted.to}
        onChange={(to) => onChange({ ...wanted, to })}
      />
      {wanted !== NOTHING_SPECIAL && (
        <Button variant="subtle" onClick={() => onChange(NOTHING_SPECIAL)}>
          <Text span>{t('forms.clear')}</Text>
        </Button>
      )}
    </SearchField>
  );
}
