import type { CalculationView } from '#contracts';
import type { Category } from '#domain';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useFormat, type Format } from '../format.js';
import classes from './benefit-lines.module.css';

interface CalculationStepsProps {
  calculation: CalculationView;
  metric: string | null;
  category: Category;
}

/** The rule's arithmetic from events to kronor, read from left to right (rule B9). */
export function CalculationSteps({ calculation, metric, category }: CalculationStepsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const amount = t('benefit.steps.amount', {
    amount: format.kronor(calculation.potentialOre),
    category: t(`benefit.steps.category.${category}`),
  });
  return (
    <ol className={classes.steps} aria-label={t('benefit.calculation')}>
      {[eventsStep(calculation, metric, t), ...stepsOf(calculation, t, format), amount].map((step, index) => (
        <li key={index} className={classes.step}>
          {step}
        </li>
      ))}
    </ol>
  );
}

type Counted = 'unlock' | 'session' | 'stream' | 'message_shown' | 'call' | 'use';
const COUNTED: readonly string[] = ['unlock', 'session', 'stream', 'message_shown', 'call'] satisfies Counted[];
const isCounted = (metric: string | null): metric is Counted => metric !== null && COUNTED.includes(metric);

const eventsStep = ({ events }: CalculationView, metric: string | null, t: TFunction): string =>
  t(`benefit.counted.${isCounted(metric) ? metric : 'use'}`, { count: events });

/** Steps that change nothing are left out: a share of 1, no added work, no failures. */
function stepsOf(calculation: CalculationView, t: TFunction, format: Format): string[] {
  const { qualifying, manual, counterfactualShare, countedUnits, grossHours, addedWorkHours, failureHours } =
    calculation;
  const steps = [t('benefit.steps.qualifying', { count: qualifying })];
  if (manual > 0) steps.push(t('benefit.steps.byHand', { manual, count: qualifying }));
  if (counterfactualShare !== 1) {
    const share = format.number(counterfactualShare, 3);
    steps.push(t('benefit.steps.share', { share, units: format.number(countedUnits, 1) }));
  }
  steps.push(format.hours(grossHours));
  if (addedWorkHours > 0) steps.push(t('benefit.steps.addedWork', { hours: format.hours(addedWorkHours) }));
  if (failureHours > 0) {
    const { failures: count, failureMinutes: minutes } = calculation;
    steps.push(
      t('benefit.steps.failures', { hours: format.hours(failureHours), count, minutes: format.number(minutes, 1) }),
    );
  }
  if (addedWorkHours > 0 || failureHours > 0) steps.push(format.hours(calculation.netHours));
  return steps;
}
