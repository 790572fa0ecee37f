import type { BenefitLineView, TrialView } from '#contracts';
import { isFrozen } from '#domain';
import { Button, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import { Section } from '../../forms/section.js';
import { RuleFacts } from './rule-facts.js';

const ChangeRule = lazy(() => import('./change-rule.js'));

/** Each benefit line with its plan and the rule that measures it. */
export function PlannedBenefits({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  if (trial.benefits.length === 0) {
    return (
      <Section title={t('plan.section.benefit')}>
        <Text c="dimmed">{t('benefitPlan.benefit.noneYet')}</Text>
      </Section>
    );
  }
  return trial.benefits.map((line) => <Line key={line.id} trial={trial} line={line} />);
}

function Line({ trial, line }: { trial: TrialView; line: BenefitLineView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const span = `${format.date(line.startsOn)} – ${line.endsOn === null ? t('plan.wholePeriod') : format.date(line.endsOn)}`;
  return (
    <Section
      title={t('benefitPlan.benefit.heading', { name: line.name })}
      actions={trial.mayEdit && line.rule !== null && <ChangeButton trial={trial} line={line} />}
    >
      <Facts
        rows={[
          {
            label: t('benefitPlan.benefit.planned'),
            value: t('products.perMonth', { amount: format.kronor(line.plannedMonthOre) }),
          },
          { label: t('benefitPlan.category'), value: t(`words.category.${line.category}`) },
          { label: t('benefit.certainty'), value: t(`words.certainty.${line.certainty}`) },
          { label: t('benefitPlan.benefit.stakeholder'), value: t(`benefitPlan.stakeholder.${line.stakeholder}`) },
          { label: t('benefitPlan.benefit.taskKind'), value: t(`benefitPlan.taskKind.${line.taskKind}`) },
          { label: t('benefitPlan.benefit.span'), value: span },
          { label: t('benefitPlan.benefit.action'), value: line.realisationAction },
        ]}
      />
      <Title order={3} size="h5">
        {t('benefitPlan.rule.title')}
      </Title>
      {line.rule === null ? (
        <Text c="dimmed">{t('benefitPlan.rule.byHand')}</Text>
      ) : (
        <RuleFacts family={trial.family} rule={line.rule} />
      )}
      {line.rule !== null && isFrozen(trial.stage) && (
        <Text size="sm" c="dimmed">
          {t('benefitPlan.rule.frozen')}
        </Text>
      )}
    </Section>
  );
}

function ChangeButton({ trial, line }: { trial: TrialView; line: BenefitLineView }) {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button variant="default" onClick={open}>
        {t('benefitPlan.rule.change')}
      </Button>
      <Suspense fallback={null}>{isOpen && <ChangeRule trial={trial} line={line} onClose={close} />}</Suspense>
    </>
  );
}
