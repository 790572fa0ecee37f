import type { TrialBenefitView } from '#contracts';
import { Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Coverage } from '../parts/coverage.js';
import { EmptyState } from '../parts/empty-state.js';
import classes from './grid.module.css';
import { StreamBars } from './stream-bars.js';
import { streamsByCategory } from './streams.js';

/** Its axes need a charting library, which the page's figures do not wait for. */
const CumulativeChart = lazy(() => import('./cumulative-chart.js'));

/** Benefit so far against plan: three streams and a curve for each category, never added across them. */
export function TrialBenefit({ benefit }: { benefit: TrialBenefitView }) {
  const { t } = useTranslation();
  const streams = useMemo(() => streamsByCategory(benefit.lines), [benefit.lines]);
  return (
    <Stack component="section" gap="md" aria-labelledby="benefit">
      <div>
        <Title order={2} size="h3" id="benefit">
          {t('benefit.soFar')}
        </Title>
        <Coverage coverage={benefit.coverage} />
        <Text size="sm" c="dimmed">
          {t('benefit.keptApart')} {benefit.simulated && `${t('benefit.simulated')}.`}
        </Text>
      </div>
      {streams.length === 0 && (
        <EmptyState order={3} title={t('benefit.noLines')} text={t('benefit.noLinesExplained')} />
      )}
      {streams.length > 0 && benefit.days.length === 0 && <Text>{t('benefit.noDays')}</Text>}
      {streams.map((one) => (
        <div key={one.category} className={classes.category}>
          <StreamBars streams={one} />
          {/* Nothing is measured of it: a curve at zero would say that nothing was gained. */}
          {one.potentialOre !== null && (
            <Suspense fallback={<div className={classes.chartToCome} />}>
              <CumulativeChart category={one.category} days={benefit.days} />
            </Suspense>
          )}
        </div>
      ))}
    </Stack>
  );
}
