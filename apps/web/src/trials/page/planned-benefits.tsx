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
      <Section title={t('trials.section.benefit')}>
        <Text c="dimmed">{t('trials.benefit.noneYet')}</Text>
      </Section>
    );
  }
  return trial.benefits.map((line) => <Line key={line.id} trial={trial} line={line} />);
}

function Line({ trial, line }: { trial: TrialView; line: BenefitLineView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const span = `${format.date(line.startsOn)} – ${line.endsOn === null ? t('trials.wholePeriod') : format.date(line.endsOn)}`;
  return (
    <Section
      title={t('trials.benefit.heading', { name: line.name })}
      actions={trial.mayEdit && line.rule !== null && <ChangeButton trial={trial} line={line} />}
    >
      <Facts
        rows={[
          { label: t('trials.benefit.planned'), value: t('products.perMonth', { amount: format.kronor(line.plannedMonthOre) }) },
          { label: t('trials.category'), value: t(`words.category.${line.category}`) },
          { label: t('benefit.certainty'), value: t(`words.certainty.${line.certainty}`) },
          { label: t('trials.benefit.stakeholder'), value: t(`trials.stakeholder.${line.stakeholder}`) },
          { label: t('trials.benefit.taskKind'), value: t(`trials.taskKind.${line.taskKind}`) },
          { label: t('trials.benefit.span'), value: span },
          { label: t('trials.benefit.action'), value: line.realisationAction },
        ]}
      />
      <Title order={3} size="h5">
        {t('trials.rule.title')}
      </Title>
      {line.rule === null ? <Text c="dimmed">{t('trials.rule.byHand')}</Text> : <RuleFacts family={trial.family} rule={line.rule} />}
      {line.rule !== null && isFrozen(trial.stage) && (
        <Text size="sm" c="dimmed">
          {t('trials.rule.frozen')}
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
        {t('trials.rule.change')}
      </Button>
      <Suspense fallback={null}>{isOpen && <ChangeRule trial={trial} line={line} onClose={close} />}</Suspense>
    </>
  );
}
