import type { UsageCorrectionView } from '#contracts';
import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Age } from '../parts/age.js';
import { DataTable, type Column } from '../parts/data-table.js';

/** Who decided what of a device's usages, and why; the newest first. */
export function DecisionsTable({ rows }: { rows: UsageCorrectionView[] }) {
  const { t } = useTranslation();
  return (
    <>
      <Title order={3} size="h5">
        {t('corrections.decisions')}
      </Title>
      <DataTable caption={t('corrections.decisions')} rows={rows} columns={useColumns()} rowKey={({ id }) => id} />
    </>
  );
}

function useColumns(): Column<UsageCorrectionView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const what = ({ decided, usages }: UsageCorrectionView) =>
    t(`corrections.decided.${decided}`, { count: usages, amount: format.number(usages) });
  return [
    { id: 'what', header: t('corrections.decision'), cell: what, isRowHeader: true },
    { id: 'span', header: t('corrections.span'), cell: ({ from, to }) => format.exactSpan(from, to) },
    { id: 'reason', header: t('forms.reason'), cell: ({ reason }) => reason },
    { id: 'by', header: t('corrections.decidedBy'), cell: ({ byName }) => byName },
    { id: 'at', header: t('corrections.decidedAt'), cell: ({ at }) => <Age at={at} /> },
  ];
}
