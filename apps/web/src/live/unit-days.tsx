import { liveApi, type UnitDaysView } from '#contracts';
import { Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { Chart } from '../parts/chart.js';
import { DayLegend, DayMark, Utilisation } from '../parts/day-uses.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TableTwin } from '../parts/table-twin.js';

const HEIGHT = 150;
const TOP = 6;
const BOTTOM = 22;
const REFRESH_MS = 60_000;

/** The unit's last 14 days: how many of its devices were used, unused or unknown each day (rule U12). */
export function UnitDays({ unitId }: { unitId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['live', 'unit-days', unitId],
    queryFn: () => call(liveApi.unitDays, { params: { id: unitId } }),
    refetchInterval: REFRESH_MS,
  });
  const days = data?.days.filter((day) => sizeOf(day) > 0) ?? [];
  if (error === null && days.length === 0) return null;
  return (
    <Stack component="section" gap="sm" aria-labelledby="days">
      <Title order={2} size="h3" id="days">
        {t('parts.days.unitTitle')}
      </Title>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data !== undefined && <Utilisation utilisation={data.utilisation} />}
      {days.length > 0 && <Days days={days} />}
    </Stack>
  );
}

type Day = UnitDaysView['days'][number];

const sizeOf = ({ used, unused, unknown }: Day): number => used + unused + unknown;

function Days({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = t('parts.days.unitChart');
  const words = ({ used, unused, unknown }: Day) => t('parts.days.ofUnit', { used, unused, unknown });
  const dayOf = ({ day, isOngoing }: Day) =>
    [format.date(day), isOngoing && t('parts.days.soFar')].filter(Boolean).join(', ');
  return (
    <Chart
      title={title}
      summary={`${title}. ${days.map((day) => `${format.shortDate(day.day)}: ${words(day)}`).join('; ')}`}
      height={HEIGHT}
      legend={<DayLegend />}
      twin={
        <TableTwin
          title={title}
          header={[t('parts.days.day'), t('parts.days.used'), t('parts.days.unused'), t('parts.days.unknown')]}
          rows={days.map((day) => [
            dayOf(day),
            ...[day.used, day.unused, day.unknown].map((count) => format.number(count)),
          ])}
        />
      }
    >
      {(width) => <Bars days={days} width={width} dateOf={format.shortDate} />}
    </Chart>
  );
}

const STACKED = ['used', 'unused', 'unknown'] as const;

function Bars({ days, width, dateOf }: { days: Day[]; width: number; dateOf: (day: string) => string }) {
  const step = Math.min(width / days.length, 60);
  const thickness = step * 0.7;
  const floor = HEIGHT - BOTTOM;
  const unit = (floor - TOP) / Math.max(...days.map(sizeOf));
  return days.map((day, index) => {
    const isEnd = index === 0 || index === days.length - 1;
    return (
      <g key={day.day}>
        {STACKED.map((use, level) => {
          const below = STACKED.slice(0, level).reduce((sum, one) => sum + day[one], 0);
          if (day[use] === 0) return null;
          const y = floor - (below + day[use]) * unit;
          return (
            <DayMark
              key={use}
              use={use}
              x={(index + 0.5) * step - thickness / 2}
              y={y + 1}
              width={thickness}
              height={Math.max(1, day[use] * unit - 2)}
            />
          );
        })}
        {isEnd && (
          <text x={index === 0 ? 0 : days.length * step} y={HEIGHT - 6} textAnchor={index === 0 ? 'start' : 'end'}>
            {dateOf(day.day)}
          </text>
        )}
      </g>
    );
  });
}
