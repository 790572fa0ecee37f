import type { DeviceView, StoredUsageView } from '#contracts';
import { type AttributeShape, type Metric, metricByName } from '#domain';
import { Checkbox, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { type Format, useFormat } from '../format.js';
import { metricLabel } from '../live/metric-label.js';
import { DataTable, type Column } from '../parts/data-table.js';

/** A usage's name within its device. */
export const nameOf = ({ at, usageId }: Pick<StoredUsageView, 'at' | 'usageId'>): string => `${at} ${usageId}`;

interface UsagesTableProps {
  device: DeviceView;
  rows: StoredUsageView[];
  chosen: ReadonlySet<string>;
  onToggle: (name: string) => void;
}

/** Single usages as they came, each with what was decided of it; any of them can be chosen. */
export function UsagesTable({ device, rows, chosen, onToggle }: UsagesTableProps) {
  const { t } = useTranslation();
  const columns = useColumns(device);
  const format = useFormat();
  const choice = (row: StoredUsageView) => (
    <Checkbox
      size="sm"
      label={<time dateTime={row.at}>{format.exactTime(row.at)}</time>}
      aria-label={t('corrections.choose', { what: `${format.exactTime(row.at)}, ${metricOf(device, row, format)}` })}
      checked={chosen.has(nameOf(row))}
      onChange={() => onToggle(nameOf(row))}
    />
  );
  const first: Column<StoredUsageView> = { id: 'at', header: t('corrections.at'), cell: choice, isRowHeader: true };
  return <DataTable caption={t('corrections.usages')} rows={rows} columns={[first, ...columns]} rowKey={nameOf} />;
}

const metricOf = ({ family }: DeviceView, { metric, metricName }: StoredUsageView, { locale }: Format): string =>
  metricName === null ? String(metric) : metricLabel(family, metricName, locale);

function useColumns(device: DeviceView): Column<StoredUsageView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  return [
    { id: 'metric', header: t('corrections.metric'), cell: (row) => metricOf(device, row, format) },
    { id: 'value', header: t('corrections.value'), cell: (row) => valueOf(device, row, format), align: 'end' },
    {
      id: 'attributes',
      header: t('corrections.attributes'),
      cell: (row) => attributesOf(device, row, { format, yes: t('forms.yes'), no: t('forms.no') }) || '–',
    },
    { id: 'marks', header: t('corrections.marks'), cell: (row) => <Marks usage={row} /> },
    { id: 'decision', header: t('corrections.decision'), cell: (row) => <Decision usage={row} /> },
  ];
}

/** A session is told as how long it was. */
function valueOf({ family }: DeviceView, { metricName, value }: StoredUsageView, format: Format): string {
  const metric = metricName === null ? undefined : metricByName(family, metricName);
  if (value === null) return '–';
  if (metric?.kind === 'session') return format.duration(value);
  return metric?.unit === 'percent' ? format.percent(value / 100) : format.number(value, 3);
}

interface Words {
  format: Format;
  yes: string;
  no: string;
}

/** In the family's words where it has them. */
function attributesOf({ family }: DeviceView, { metricName, attributes }: StoredUsageView, words: Words): string {
  const shapes: Readonly<Record<string, Metric['attributes'][string]>> =
    (metricName === null ? undefined : metricByName(family, metricName)?.attributes) ?? {};
  return Object.entries(attributes)
    .map(([name, value]) => {
      const shape = shapes[name];
      return `${shape?.label[words.format.locale] ?? name}: ${attributeText(shape, value, words)}`;
    })
    .join(' · ');
}

function attributeText(
  shape: AttributeShape | undefined,
  value: string | number | boolean,
  { format, yes, no }: Words,
): string {
  if (typeof value === 'boolean') return value ? yes : no;
  if (typeof value === 'number') return format.number(value, 3);
  return (shape?.type === 'enum' ? shape.labels[value]?.[format.locale] : undefined) ?? value;
}

function Marks({ usage }: { usage: StoredUsageView }) {
  const { t } = useTranslation();
  const marks = [
    usage.isSetAside && t('corrections.mark.setAside'),
    usage.isManual && t('corrections.mark.manual'),
    usage.isEstimated && t('corrections.mark.estimated'),
    usage.isOpen && t('corrections.mark.open'),
    usage.isReceivedTime && t('corrections.mark.receivedTime'),
    usage.isUnplaced && t('corrections.mark.unplaced'),
  ].filter((mark) => mark !== false);
  return marks.length === 0 ? '–' : marks.join(' · ');
}

function Decision({ usage: { decision } }: { usage: StoredUsageView }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (decision === null) return '–';
  return (
    <>
      {t(`corrections.action.${decision.decided}`)}: {decision.reason}
      <Text size="sm" c="dimmed" component="span" display="block">
        {t('corrections.byWhom', { name: decision.byName, at: format.dateTime(decision.at) })}
      </Text>
    </>
  );
}
