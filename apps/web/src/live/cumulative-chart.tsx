import type { BenefitDayView } from '#contracts';
import type { Category } from '#domain';
import { scaleLinear, scaleUtc } from '@visx/scale';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat, type Format } from '../format.js';
import { Chart } from '../parts/chart.js';
import { TableTwin } from '../parts/table-twin.js';
import classes from './cumulative-chart.module.css';
import { spreadLabels } from './spread-labels.js';

const HEIGHT = 260;
const TOP = 14;
const BOTTOM = 30;
const CHARACTER_PX = 7;
/** A benefit of nothing still needs an axis to stand on: 100 kr. */
const LEAST_SCALE_ORE = 10_000;
const LABEL_APART_PX = 16;
const DATE_LABEL_PX = 96;

/** Cumulative plan against measured potential of one category, to the newest day. */
export default function CumulativeChart({ category, days }: { category: Category; days: readonly BenefitDayView[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const own = useMemo(() => days.filter((day) => day.category === category), [days, category]);
  const last = own.at(-1);
  if (last === undefined) return null;
  const title = t('benefit.cumulative', { category: t(`words.category.${category}`).toLocaleLowerCase(format.locale) });
  const figures = { planned: format.kronor(last.plannedOre), potential: format.kronor(last.potentialOre) };
  return (
    <Chart
      title={title}
      summary={`${title}. ${t('benefit.cumulativeText', { day: format.date(last.day), ...figures })}`}
      height={HEIGHT}
      legend={<Legend />}
      twin={
        <TableTwin
          title={title}
          header={[t('benefit.day'), t('benefit.planned'), t('benefit.potential'), t('benefit.qualifyingUnits')]}
          rows={own.map((day) => [
            format.date(day.day),
            format.kronor(day.plannedOre),
            format.kronor(day.potentialOre),
            format.number(day.qualifying),
          ])}
        />
      }
    >
      {(width) => <Curves days={own} width={width} format={format} />}
    </Chart>
  );
}

function Legend() {
  const { t } = useTranslation();
  return (
    <ul className={classes.legend}>
      <li>
        <svg width="28" height="8" aria-hidden>
          <line x2="28" y1="4" y2="4" className={classes.plan} />
        </svg>
        {t('benefit.planned')}
      </li>
      <li>
        <svg width="28" height="8" aria-hidden>
          <line x2="28" y1="4" y2="4" className={classes.potential} />
        </svg>
        {t('benefit.potential')}
      </li>
    </ul>
  );
}

const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);
const longestOf = (texts: readonly string[]): number => Math.max(...texts.map((text) => text.length)) * CHARACTER_PX;

interface CurvesProps {
  days: readonly BenefitDayView[];
  width: number;
  format: Format;
}

function Curves({ days, width, format }: CurvesProps) {
  const last = days.at(-1);
  const first = days[0];
  if (last === undefined || first === undefined) return null;
  const all = days.flatMap(({ plannedOre, potentialOre }) => [plannedOre, potentialOre]);
  const y = scaleLinear({
    domain: [Math.min(0, ...all), Math.max(LEAST_SCALE_ORE, ...all)],
    range: [HEIGHT - BOTTOM, TOP],
    nice: 4,
  });
  const ticks = y.ticks(4);
  const ends = [last.plannedOre, last.potentialOre];
  const left = longestOf(ticks.map(format.kronor)) + 10;
  const right = longestOf(ends.map(format.kronor)) + 14;
  const x = scaleUtc({
    domain: [msOf(first.day), Math.max(msOf(last.day), msOf(first.day) + 86_400_000)],
    range: [left, width - right],
  });
  const curve = (points: readonly BenefitDayView[], yOf: (day: BenefitDayView) => number): string =>
    points.map((point, index) => `${index === 0 ? 'M' : 'L'}${x(msOf(point.day))} ${yOf(point)}`).join('');
  const labels = spreadLabels(ends.map(y), { apart: LABEL_APART_PX, top: TOP, bottom: HEIGHT - BOTTOM });
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={left}
            x2={width - right}
            y1={y(tick)}
            y2={y(tick)}
            className={tick === 0 ? classes.zero : classes.grid}
          />
          <text x={left - 8} y={y(tick)} dy="0.35em" textAnchor="end">
            {format.kronor(tick)}
          </text>
        </g>
      ))}
      {dateTicks(days, width - left - right).map(({ day }, index, { length }) => (
        <text
          key={day}
          x={x(msOf(day))}
          y={HEIGHT - 8}
          textAnchor={length === 1 || index === 0 ? 'start' : index === length - 1 ? 'end' : 'middle'}
        >
          {format.shortDate(day)}
        </text>
      ))}
      <path d={curve(days, ({ plannedOre }) => y(plannedOre))} className={classes.plan} />
      <path d={curve(days, ({ potentialOre }) => y(potentialOre))} className={classes.potential} />
      {ends.map((ore, index) => (
        <g key={index}>
          <circle
            cx={x(msOf(last.day))}
            cy={y(ore)}
            r={3.5}
            className={index === 0 ? classes.planEnd : classes.potentialEnd}
          />
          <text
            x={width - right + 8}
            y={labels[index]}
            dy="0.35em"
            fontWeight={600}
            className={index === 0 ? classes.planText : classes.potentialText}
          >
            {format.kronor(ore)}
          </text>
        </g>
      ))}
    </>
  );
}

/** As many dates, evenly spread from the first to the last, as stand beside each other. */
function dateTicks(days: readonly BenefitDayView[], width: number): BenefitDayView[] {
  const room = Math.max(1, Math.min(days.length - 1, 6, Math.floor(width / DATE_LABEL_PX)));
  const wanted = Array.from({ length: room + 1 }, (_, index) => Math.round((index * (days.length - 1)) / room));
  return [...new Set(wanted)].flatMap((index) => days[index] ?? []);
}
