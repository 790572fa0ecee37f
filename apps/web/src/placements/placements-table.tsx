import type { PlacementView } from '#contracts';
import type { TFunction } from 'i18next';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { TextLink } from '../parts/links.js';

interface PlacementsTableProps {
  rows: PlacementView[];
  caption: string;
  /** Names each row: its device (in a trial) or its unit (of a device). */
  by: 'device' | 'node';
  actions?: (placement: PlacementView) => ReactNode;
}

/** Custody intervals: which device stood where, why, from when to when. */
export function PlacementsTable({ rows, caption, by, actions }: PlacementsTableProps) {
  const columns = useColumns(by, actions);
  return (
    <DataTable
      caption={caption}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      sortedBy={{ id: 'startsAt', desc: true }}
    />
  );
}

function useColumns(by: PlacementsTableProps['by'], actions: PlacementsTableProps['actions']): Column<PlacementView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const device: Column<PlacementView> = {
    id: 'device',
    header: t('placements.device'),
    isRowHeader: by === 'device',
    value: ({ assetTag }) => assetTag,
    cell: ({ deviceId, assetTag }) => (
      <TextLink to="/devices/$id" params={{ id: deviceId }}>
        {assetTag}
      </TextLink>
    ),
  };
  const node: Column<PlacementView> = {
    id: 'node',
    header: t('placements.where'),
    isRowHeader: by === 'node',
    value: ({ nodeName }) => nodeName,
    cell: ({ nodeName }) => nodeName,
  };
  return [
    ...(by === 'device' ? [device, node] : [node]),
    { id: 'purpose', header: t('placements.purpose'), value: purposeText(t), cell: purposeText(t) },
    ...(by === 'node' ? [trialColumn(t('placements.trial'))] : []),
    {
      id: 'startsAt',
      header: t('placements.from'),
      value: ({ startsAt }) => startsAt,
      cell: ({ startsAt }) => <time dateTime={startsAt}>{format.dateTime(startsAt)}</time>,
    },
    {
      id: 'endsAt',
      header: t('placements.to'),
      value: ({ endsAt }) => endsAt,
      cell: ({ endsAt }) =>
        endsAt === null ? t('placements.goesOn') : <time dateTime={endsAt}>{format.dateTime(endsAt)}</time>,
    },
    ...(actions === undefined ? [] : [{ id: 'actions', header: t('forms.actions'), cell: actions }]),
  ];
}

const purposeText =
  (t: TFunction) =>
  ({ purpose, arm }: PlacementView): string =>
    [t(`words.purpose.${purpose}`), arm === null ? '' : t(`words.arm.${arm}`)].filter(Boolean).join(' · ');

const trialColumn = (header: string): Column<PlacementView> => ({
  id: 'trial',
  header,
  value: ({ trialCode }) => trialCode,
  cell: ({ trialId, trialCode }) =>
    trialId === null ? (
      '–'
    ) : (
      <TextLink to="/trials/$id" params={{ id: trialId }}>
        {trialCode ?? '–'}
      </TextLink>
    ),
});
