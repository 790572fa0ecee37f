import { type DeviceDaysView, devicesApi } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { Section } from '../forms/section.js';
import { Chart } from '../parts/chart.js';
import { DayLegend, DayMark, Utilisation } from '../parts/day-uses.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { TableTwin } from '../parts/table-twin.js';

const HEIGHT = 72;
const BOX_MAX = 34;
const REFRESH_MS = 60_000;

/** The device's last 14 days: used, unused and unknown apart, since silent is not unused (rule U12). */
export function DeviceDays({ deviceId }: { deviceId: string }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['devices', deviceId, 'days'],
    queryFn: () => call(devicesApi.days, { params: { id: deviceId } }),
    refetchInterval: REFRESH_MS,
  });
  return (
    <Section title={t('parts.days.title')} lead={t('parts.days.lead')}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null && <Loading />}
      {data !== undefined && <Utilisation utilisation={data.utilisation} />}
      {data !== undefined && data.days.length > 0 && <Strip days={data.days} />}
    </Section>
  );
}

type Day = DeviceDaysView['days'][number];

function Strip({ days }: { days: Day[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title = t('parts.days.chart');
  const words = ({ use, isOngoing }: Day) =>
    [t(`parts.days.${use}`), isOngoing && t('parts.days.soFar')].filter(Boolean).join(', ');
  return (
    <Chart
      title={title}
      summary={`${title}. ${days.map((day) => `${format.shortDate(day.day)}: ${words(day)}`).join('; ')}`}
      height={HEIGHT}
      legend={<DayLegend />}
      twin={
        <TableTwin
          title={title}
          header={[t('parts.days.day'), t('parts.days.known'), t('parts.days.uses')]}
          rows={days.map((day) => [format.date(day.day), words(day), format.number(day.uses)])}
        />
      }
    >
      {(width) => <Boxes days={days} width={width} dateOf={format.shortDate} />}
    </Chart>
  );
}

function Boxes({ days, width, dateOf }: { days: Day[]; width: number; dateOf: (day: string) => string }) {
  const step = Math.min(width / days.length, BOX_MAX * 1.4);
  const box = Math.min(step * 0.8, BOX_MAX);
  return days.map(({ day, use, uses }, index) => {
    const middle = (index + 0.5) * step;
    const isEnd = index === 0 || index === days.length - 1;
    return (
      <g key={day}>
        <DayMark use={use} x={middle - box / 2} y={4} width={box} height={box} />
        {use === 'unknown' && (
          <text x={middle} y={4 + box / 2 + 4} textAnchor="middle">
            ?
          </text>
        )}
        {uses > 0 && (
          <text x={middle} y={box + 18} textAnchor="middle">
            {uses}
          </text>
        )}
        {isEnd && (
          <text x={index === 0 ? 0 : days.length * step} y={HEIGHT - 4} textAnchor={index === 0 ? 'start' : 'end'}>
            {dateOf(day)}
          </text>
        )}
      </g>
    );
  });
}
