import type { SystemView, WrongClockView } from '#contracts';
import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ClockFact } from '../../parts/clock-fact.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/empty-state.js';
import { TextLink } from '../../parts/links.js';

/** Devices whose clocks are wrong: their usage falls into the wrong hour, or is refused (rule U5). */
export function ClocksTable({ wrongClocks, wrongClocksTotal }: Pick<SystemView, 'wrongClocks' | 'wrongClocksTotal'>) {
  const { t } = useTranslation();
  const columns = useColumns();
  return (
    <Stack component="section" gap="sm" aria-labelledby="clocks">
      <div>
        <Title order={2} size="h3" id="clocks">
          {t('system.clocksTitle')}
        </Title>
        <Text size="sm" c="dimmed" maw="70ch">
          {t('system.clocksLead')}
        </Text>
      </div>
      {wrongClocks.length === 0 ? (
        <EmptyState order={3} title={t('system.noClocks')} text={t('system.noClocksExplained')} />
      ) : (
        <DataTable
          caption={t('system.clocksTitle')}
          rows={wrongClocks}
          columns={columns}
          rowKey={({ deviceId }) => deviceId}
        />
      )}
      {wrongClocksTotal > wrongClocks.length && (
        <Text size="sm">{t('system.clocksShown', { shown: wrongClocks.length, total: wrongClocksTotal })}</Text>
      )}
    </Stack>
  );
}

function useColumns(): Column<WrongClockView>[] {
  const { t } = useTranslation();
  return [
    {
      id: 'device',
      header: t('system.device'),
      isRowHeader: true,
      value: ({ assetTag }) => assetTag,
      cell: ({ deviceId, assetTag, productName }) => (
        <div>
          <TextLink to="/devices/$id" params={{ id: deviceId }}>
            {assetTag}
          </TextLink>
          <Text size="sm" c="dimmed">
            {productName}
          </Text>
        </div>
      ),
    },
    {
      id: 'place',
      header: t('system.place'),
      value: ({ nodeName }) => nodeName,
      cell: ({ nodeName }) => nodeName ?? '–',
    },
    {
      id: 'clock',
      header: t('system.clock'),
      value: ({ clockSkewMs }) => Math.abs(clockSkewMs ?? 0),
      cell: (clock) => <Clock clock={clock} />,
    },
  ];
}

function Clock({ clock: { clockSkewMs, clockSkewAt, refusedAsFuture } }: { clock: WrongClockView }) {
  const { t } = useTranslation();
  return (
    <div>
      {clockSkewMs === null ? t('system.notMeasured') : <ClockFact skewMs={clockSkewMs} measuredAt={clockSkewAt} />}
      {refusedAsFuture > 0 && <Text size="sm">{t('system.refused', { count: refusedAsFuture })}</Text>}
    </div>
  );
}
