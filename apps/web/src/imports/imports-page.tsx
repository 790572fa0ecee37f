import type { UsageImportView } from '#contracts';
import { Button, Group, Stack } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink, TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { importsQuery } from './queries.js';

const STEP = 100;

/** The files of use that have been uploaded: by whom, and what became of their lines. */
export function ImportsPage() {
  const { t } = useTranslation();
  const [limit, setLimit] = useState(STEP);
  const { data, error, refetch } = useQuery(importsQuery(limit));
  const columns = useColumns();
  return (
    <>
      <PageTitle title={t('imports.title')} lead={t('imports.lead')} actions={<NewLink />} />
      <Stack>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && (
          <EmptyState title={t('imports.none')} text={t('imports.noneExplained')} action={<NewLink />} />
        )}
        {data !== undefined && data.total > 0 && (
          <DataTable caption={t('imports.title')} rows={data.rows} columns={columns} rowKey={({ id }) => id} />
        )}
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

function NewLink() {
  const { t } = useTranslation();
  if (!useMay('usage:enter')) return null;
  return (
    <ButtonLink to="/devices/imports/new" leftSection={<IconFileImport size={18} aria-hidden />}>
      {t('imports.new')}
    </ButtonLink>
  );
}

function useColumns(): Column<UsageImportView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const mayOpen = useMay('usage:enter');
  const name = (row: UsageImportView) =>
    mayOpen ? (
      <TextLink to="/devices/imports/$id" params={{ id: row.id }}>
        {row.fileName}
      </TextLink>
    ) : (
      row.fileName
    );
  return [
    { id: 'file', header: t('imports.file'), cell: name, isRowHeader: true },
    { id: 'node', header: t('imports.node'), cell: (row) => row.nodeName },
    { id: 'status', header: t('imports.status'), cell: (row) => t(`imports.statusText.${row.status}`) },
    { id: 'lines', header: t('imports.lines'), cell: (row) => format.number(row.lines), align: 'end' },
    { id: 'bad', header: t('imports.bad'), cell: (row) => format.number(row.bad), align: 'end' },
    { id: 'taken', header: t('imports.taken'), cell: (row) => format.number(row.taken), align: 'end' },
    {
      id: 'by',
      header: t('imports.byWhom'),
      cell: (row) => t('imports.byWhomText', { name: row.uploadedBy, at: format.dateTime(row.uploadedAt) }),
    },
  ];
}
