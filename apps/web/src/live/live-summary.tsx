import type { LiveTrialView, LiveUnitView } from '#contracts';
import { VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useThrottled } from '../parts/use-throttled.js';
import { isUse } from './metric-label.js';

/** Read aloud at most twice a minute: a number that ticks must not talk all the time. */
const ANNOUNCE_MS = 30_000;

/** What changed, for those who do not see the figures tick. */
export function LiveSummary({ view }: { view: LiveUnitView | LiveTrialView }) {
  const { t } = useTranslation();
  const { totals, coverage } = view;
  const count = totals
    .filter(({ family, metric }) => isUse(family, metric))
    .reduce((sum, total) => sum + total.count, 0);
  const text = t('live.summary', { count, reporting: coverage.reporting, expected: coverage.expected });
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {useThrottled(text, ANNOUNCE_MS)}
    </VisuallyHidden>
  );
}
