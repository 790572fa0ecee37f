import type { RejectCounts } from '#contracts';
import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Chart } from '../parts/chart.js';
import { TableTwin } from '../parts/table-twin.js';

const HEIGHT = 160;
const TOP = 18;
const BOTTOM = 24;

interface RejectsChartProps {
  counts: RejectCounts;
  onStep: (step: RejectCounts['step']) => void;
}

/** How many messages were refused over time, with the same figures as a table. */
export function RejectsChart({ counts, onStep }: RejectsChartProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { rows, step } = counts;
  const nameOf = (at: string): string =>
    step === 'day' ? format.dateTime(at).replace(/[, ]+00:00$/, '') : format.dateTime(at);
  const most = rows.reduce<RejectCounts['rows'][number] | null>(
    (found, row) => (found === null || row.count > found.count ? row : found),
    null,
  );
  if (most === null) return null;
  const title = t('rejects.overTime');
  const summary = t('rejects.chartText', {
    total: format.number(counts.total),
    most: format.number(most.count),
    when: nameOf(most.at),
  });
  return (
    <Chart
      title={title}
      summary={`${title}. ${summary}`}
      height={HEIGHT}
      legend={<Step step={step} onStep={onStep} />}
      twin={
        <TableTwin
          title={title}
          header={[t('rejects.when'), t('rejects.groupCount')]}
          rows={rows.toReversed().map(({ at, count }) => [nameOf(at), format.number(count)])}
        />
      }
    >
      {(width) => <Bars counts={counts} width={width} nameOf={nameOf} />}
    </Chart>
  );
}

function Step({ step, onStep }: { step: RejectCounts['step']; onStep: RejectsChartProps['onStep'] }) {
  const { t } = useTranslation();
  return (
    <SegmentedControl
      size="xs"
      mb="xs"
      aria-label={t('rejects.step')}
      data={[
        { value: 'hour', label: t('rejects.perHour') },
        { value: 'day', label: t('rejects.perDay') },
      ]}
      value={step}
      onChange={(value) => onStep(value === 'day' ? 'day' : 'hour')}
    />
  );
}

const STEP_MS = { hour: 3_600_000, day: 86_400_000 } as const;

interface BarsProps {
  counts: RejectCounts;
  width: number;
  nameOf: (at: string) => string;
}

/** Bars stand at their time: hours without any are left empty. */
function Bars({ counts: { rows, step }, width, nameOf }: BarsProps) {
  const times = rows.map(({ at }) => Date.parse(at));
  const from = times[0] ?? 0;
  const until = (times.at(-1) ?? 0) + STEP_MS[step];
  const scale = width / Math.max(until - from, STEP_MS[step] * 12);
  const thickness = Math.max(1.5, STEP_MS[step] * scale * 0.8);
  const highest = Math.max(...rows.map(({ count }) => count));
  const floor = HEIGHT - BOTTOM;
  return (
    <>
      <line x1={0} x2={width} y1={floor} y2={floor} stroke="var(--mantine-color-dimmed)" />
      {rows.map(({ at, count }, index) => {
        const height = Math.max(1, (count / highest) * (floor - TOP));
        return (
          <rect
            key={at}
            x={((times[index] ?? from) - from) * scale}
            width={thickness}
            y={floor - height}
            height={height}
            fill="var(--accent)"
          />
        );
      })}
      <text x={0} y={HEIGHT - 7}>
        {nameOf(rows[0]?.at ?? '')}
      </text>
      {rows.length > 1 && width > 420 && (
        <text x={width} y={HEIGHT - 7} textAnchor="end">
          {nameOf(rows.at(-1)?.at ?? '')}
        </text>
      )}
    </>
  );
}
