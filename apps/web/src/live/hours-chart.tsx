import type { LiveTrialView, LiveUnitView } from '#contracts';
import type { FamilyCode } from '#domain';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Chart } from '../parts/chart.js';
import { TableTwin } from '../parts/table-twin.js';
import { hoursOfDay, type DayHour } from './hours-of-day.js';
import { metricLabel } from './metric-label.js';

const HEIGHT = 190;
const TOP = 20;
const BOTTOM = 26;
/** A digit is about this wide; a label is drawn only where it has room. */
const DIGIT_PX = 7.5;

interface HoursChartProps {
  view: LiveUnitView | LiveTrialView;
  family: FamilyCode;
  metric: string;
}

/** Today's use of one metric, a bar for each hour of the municipality's day. */
export function HoursChart({ view, family, metric }: HoursChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { timeZone, asOf, hours } = view;
  const bars = useMemo(
    () => hoursOfDay({ timeZone, asOf, hours, family, metric }),
    [timeZone, asOf, hours, family, metric],
  );
  const title = `${t('live.byHour')}: ${metricLabel(family, metric, format.locale).toLocaleLowerCase(format.locale)}`;
  const span = ({ startsAt, endsAt }: DayHour) =>
    t('live.hourSpan', { from: format.hour(startsAt), to: format.hour(endsAt) });
  const begun = bars.filter(({ count }) => count !== null);
  if (begun.every(({ count }) => count === 0)) return null;
  return (
    <Chart
      title={title}
      summary={`${title}. ${summaryOf(begun, span)}`}
      height={HEIGHT}
      twin={
        <TableTwin
          title={title}
          header={[t('live.hour'), t('live.count')]}
          rows={begun.map((bar) => [span(bar), format.number(bar.count ?? 0)])}
        />
      }
    >
      {(width) => <Bars bars={bars} width={width} nowText={t('live.now')} hourOf={format.hour} />}
    </Chart>
  );
}

function summaryOf(bars: readonly DayHour[], span: (bar: DayHour) => string): string {
  return bars
    .filter(({ count }) => count !== null && count > 0)
    .map((bar) => `${span(bar)}: ${bar.count}`)
    .join(', ');
}

interface BarsProps {
  bars: readonly DayHour[];
  width: number;
  nowText: string;
  hourOf: (instant: string) => string;
}

function Bars({ bars, width, nowText, hourOf }: BarsProps) {
  const step = width / bars.length;
  const thickness = step * 0.78;
  const highest = Math.max(1, ...bars.map(({ count }) => count ?? 0));
  const floor = HEIGHT - BOTTOM;
  const y = (count: number): number => floor - (count / highest) * (floor - TOP);
  const widest = DIGIT_PX * String(highest).length;
  return (
    <>
      <line x1={0} x2={width} y1={floor} y2={floor} stroke="var(--mantine-color-dimmed)" />
      {bars.map((bar, index) => {
        const middle = (index + 0.5) * step;
        const isLabelled = bar.isNow || (index % 3 === 0 && !isNextToNow(bars, index));
        return (
          <g key={bar.startsAt}>
            {bar.count !== null && bar.count > 0 && (
              <rect
                x={middle - thickness / 2}
                width={thickness}
                y={y(bar.count)}
                height={floor - y(bar.count)}
                rx={2}
                fill="var(--accent)"
              />
            )}
            {bar.count !== null && bar.count > 0 && (widest <= step || bar.count === highest) && (
              <text x={middle} y={y(bar.count) - 5} textAnchor="middle">
                {bar.count}
              </text>
            )}
            {isLabelled && (
              <text x={middle} y={HEIGHT - 8} textAnchor="middle" fontWeight={bar.isNow ? 700 : 400}>
                {bar.isNow ? nowText : hourOf(bar.startsAt)}
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

/** "nu" stands where an hour's number would: its neighbours give way. */
const isNextToNow = (bars: readonly DayHour[], index: number): boolean =>
  bars[index - 1]?.isNow === true || bars[index + 1]?.isNow === true;
