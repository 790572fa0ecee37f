import { REJECT_CODES, type RejectGroupView } from '#contracts';
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Section } from '../forms/section.js';
import { DataTable, type Column } from '../parts/data-table.js';

interface RejectGroupsProps {
  groups: RejectGroupView[];
  onCode: (code: string) => void;
}

/** "412 × okänt mått från 3 apparater sedan 08:00": one row for each reason, the most frequent first. */
export function RejectGroups({ groups, onCode }: RejectGroupsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const columns: Column<RejectGroupView>[] = [
    {
      id: 'code',
      header: t('rejects.code'),
      cell: ({ code }) => <Choose code={code} onCode={onCode} />,
      isRowHeader: true,
    },
    { id: 'count', header: t('rejects.groupCount'), cell: ({ count }) => format.number(count), align: 'end' },
    { id: 'devices', header: t('rejects.groupDevices'), cell: ({ devices }) => format.number(devices), align: 'end' },
    { id: 'since', header: t('rejects.groupSince'), cell: ({ since }) => format.dateTime(since) },
    { id: 'until', header: t('rejects.groupUntil'), cell: ({ until }) => format.dateTime(until) },
  ];
  return (
    <Section title={t('rejects.groups')} lead={t('rejects.groupsLead')}>
      <DataTable caption={t('rejects.groups')} rows={groups} columns={columns} rowKey={({ code }) => code} />
    </Section>
  );
}

function Choose({ code, onCode }: { code: string; onCode: (code: string) => void }) {
  const { t } = useTranslation();
  const known = REJECT_CODES.find((one) => one === code);
  const name = known === undefined ? code : t(`rejects.reason.${known}`);
  return (
    <Button
      variant="transparent"
      size="compact-sm"
      px={0}
      td="underline"
      aria-label={t('rejects.onlyThese', { what: name })}
      onClick={() => onCode(code)}
    >
      {name}
    </Button>
  );
}
