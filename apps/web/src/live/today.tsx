import type { LiveTrialView, LiveUnitView, MetricCountView } from '#contracts';
import { FAMILIES, type FamilyCode } from '#domain';
import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Coverage } from '../parts/coverage.js';
import { Figure, Figures } from '../parts/figure.js';
import { HoursChart } from './hours-chart.js';
import { durationOf, familyName, isUse, metricLabel } from './metric-label.js';
import classes from './today.module.css';

/** Today's use: a figure for each metric, what they rest on, and how they spread over the day. */
export function Today({ view }: { view: LiveUnitView | LiveTrialView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const totals = view.totals.filter(({ family, metric }) => isUse(family, metric));
  return (
    <Stack component="section" gap="sm" aria-labelledby="today">
      <div>
        <Title order={2} size="h3" id="today">
          {t('live.todayDate', { date: format.date(view.day) })}
        </Title>
        <Coverage coverage={view.coverage} />
      </div>
      {totals.length === 0 && <Text>{t('live.noUsageYet')}</Text>}
      <Figures>
        {totals.map((total) => (
          <TodayFigure key={`${total.family} ${total.metric}`} total={total} />
        ))}
      </Figures>
      <div className={classes.charts}>
        {totals.map(({ family, metric }) => (
          <HoursChart key={`${family} ${metric}`} view={view} family={family} metric={metric} />
        ))}
      </div>
    </Stack>
  );
}

/** The family's name and, where its day is not the calendar's, when that began. */
function useFamilyDay(family: FamilyCode): string {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const { dayStartsAtHour } = FAMILIES[family];
  const name = familyName(family, locale);
  return dayStartsAtHour === 0 ? name : `${name}, ${t('live.sinceHour', { hour: dayStartsAtHour })}`;
}

function TodayFigure({ total }: { total: MetricCountView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const duration = durationOf(total, format);
  const family = useFamilyDay(total.family);
  const byHand = total.manual > 0 ? [t('live.byHand', { manual: total.manual, count: total.count })] : [];
  return (
    <Figure
      label={metricLabel(total.family, total.metric, format.locale)}
      value={format.number(total.count)}
      below={[family, ...(duration === undefined ? [] : [t('live.inAll', { amount: duration })]), ...byHand].join(
        ' · ',
      )}
    />
  );
}
