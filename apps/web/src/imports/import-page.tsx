import { usageImportsApi, type LineFaultView, type UsageImportDetail } from '#contracts';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconDownload, IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { Facts } from '../forms/facts.js';
import { Section } from '../forms/section.js';
import type { Catalogue } from '../i18n/catalogue.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Figure, Figures } from '../parts/figure.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { importQuery, linesWaiting } from './queries.js';

const route = getRouteApi('/shell/devices/imports/$id');

export function ImportPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(importQuery(id));
  if (data === undefined)
    return error === null ? <Loading /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <Import file={data} />;
}

/** What a file holds, what is wrong in it, and what became of its lines. */
function Import({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  return (
    <>
      <PageTitle title={file.fileName} lead={file.nodeName} />
      <Stack>
        <Notices file={file} />
        <Counts file={file} />
        <Send file={file} />
        {file.bad > 0 && <Faults file={file} />}
        <Origin file={file} />
        {file.ignoredColumns.length > 0 && (
          <Text size="sm" c="dimmed">
            {t('imports.ignored', { columns: file.ignoredColumns.join(', ') })}
          </Text>
        )}
      </Stack>
    </>
  );
}

function Notices({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {file.fault !== null && (
        <Alert variant="outline" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('imports.fault')}>
          <Text size="sm">{t('imports.faultText', { fault: file.fault })}</Text>
        </Alert>
      )}
      {file.sameAs !== null && (
        <Alert variant="outline" color="blue" icon={<IconInfoCircle aria-hidden />}>
          <Text size="sm">
            {t('imports.sameAs', { at: format.dateTime(file.sameAs.sentAt), name: file.sameAs.fileName })}
          </Text>
        </Alert>
      )}
    </>
  );
}

function Counts({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { number } = format;
  const waiting = linesWaiting(file);
  return (
    <>
      <Figures>
        <Figure label={t('imports.lines')} value={number(file.lines)} />
        <Figure label={t('imports.good')} value={number(file.good)} />
        <Figure label={t('imports.bad')} value={number(file.bad)} />
        {file.status === 'sent' && <Figure label={t('imports.taken')} value={number(file.taken)} />}
        {file.refused > 0 && (
          <Figure label={t('imports.refused')} value={number(file.refused)} below={t('imports.refusedText')} />
        )}
      </Figures>
      {file.repeated > 0 && <Text size="sm">{t('imports.repeatedText', { amount: number(file.repeated) })}</Text>}
      <Text size="sm" role="status">
        {file.status === 'sent' &&
          (waiting > 0 ? t('imports.waiting', { amount: number(waiting) }) : t('imports.allTaken'))}
      </Text>
    </>
  );
}

function Send({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queryClient = useQueryClient();
  const sending = useMutation({
    mutationFn: () => call(usageImportsApi.send, { params: { id: file.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['imports'] }),
  });
  if (file.status === 'sent' || file.fault !== null || file.good === 0) return null;
  const label =
    file.status === 'sending'
      ? t('imports.continue')
      : t('imports.import', { count: file.good, amount: format.number(file.good) });
  return (
    <Stack gap="xs" align="flex-start">
      <ErrorNotice error={sending.error} />
      <Group gap="sm">
        <Button loading={sending.isPending} onClick={() => sending.mutate()}>
          {label}
        </Button>
        {file.bad > 0 && (
          <Text size="sm" c="dimmed">
            {t('imports.importHint')}
          </Text>
        )}
      </Group>
    </Stack>
  );
}

function Faults({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<LineFaultView>[] = [
    { id: 'line', header: t('imports.line'), cell: ({ line }) => format.number(line), isRowHeader: true },
    { id: 'column', header: t('imports.column'), cell: ({ column }) => column ?? '–' },
    { id: 'what', header: t('imports.what'), cell: (fault) => <FaultText fault={fault} /> },
  ];
  const address = usageImportsApi.faults.path.replace(':id', file.id);
  return (
    <Section
      title={t('imports.faults')}
      lead={
        file.bad > file.faults.length &&
        t('imports.firstFaults', { shown: format.number(file.faults.length), count: file.bad })
      }
      actions={
        <Button
          component="a"
          href={address}
          download
          variant="default"
          leftSection={<IconDownload size={18} aria-hidden />}
        >
          {t('imports.download')}
        </Button>
      }
    >
      {file.faults.length > 0 && (
        <DataTable
          caption={t('imports.faults')}
          rows={file.faults}
          columns={columns}
          rowKey={({ line }) => String(line)}
        />
      )}
    </Section>
  );
}

type KnownFault = keyof Catalogue['imports']['faultOf'];

/** In the reader's language, with the server's own words below. */
function FaultText({ fault: { code, reason } }: { fault: LineFaultView }) {
  const { t, i18n } = useTranslation();
  const isKnown = (one: string): one is KnownFault => i18n.exists(`imports.faultOf.${one}`);
  return (
    <>
      {isKnown(code) && t(`imports.faultOf.${code}`)}
      <Text size="sm" c="dimmed" lang="en">
        {reason}
      </Text>
    </>
  );
}

function Origin({ file }: { file: UsageImportDetail }) {
  const { t } = useTranslation();
  const format = useFormat();
  const by = (name: string, at: string): string => t('imports.byWhomText', { name, at: format.dateTime(at) });
  return (
    <Facts
      rows={[
        { label: t('imports.status'), value: t(`imports.statusText.${file.status}`) },
        { label: t('imports.byWhom'), value: by(file.uploadedBy, file.uploadedAt) },
        {
          label: t('imports.statusText.sent'),
          value: file.sentBy !== null && file.sentAt !== null ? by(file.sentBy, file.sentAt) : null,
        },
        { label: t('imports.reason'), value: file.reason },
      ]}
    />
  );
}
