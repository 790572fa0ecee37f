import type { TrialView } from '#contracts';
import { FAMILIES } from '#domain';
import { Button, Text } from '@mantine/core';
import { IconPencil, IconPrinter } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import { Section } from '../../forms/section.js';
import { DataTable } from '../../parts/data-table.js';
import { ButtonLink, TextLink } from '../../parts/links.js';
import { PlannedBenefits } from './planned-benefits.js';
import { TrialFrame } from './trial-frame.js';

const route = getRouteApi('/shell/trials/$id');

/** The plan and what it rests on: need, goals, costs, and the rules that measure. */
export function PlanPage() {
  const { id } = route.useParams();
  return (
    <TrialFrame id={id} actions={(trial) => <Actions trial={trial} />}>
      {(trial) => (
        <>
          <What trial={trial} />
          <Goals trial={trial} />
          <Costs trial={trial} />
          <PlannedBenefits trial={trial} />
        </>
      )}
    </TrialFrame>
  );
}

function Actions({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  return (
    <span className="no-print">
      <Button
        variant="default"
        mr="sm"
        leftSection={<IconPrinter size={18} aria-hidden />}
        onClick={() => window.print()}
      >
        {t('trials.print')}
      </Button>
      {trial.mayEdit && (
        <ButtonLink
          to="/trials/$id/edit"
          params={{ id: trial.id }}
          variant="default"
          leftSection={<IconPencil size={18} aria-hidden />}
        >
          {t('forms.edit')}
        </ButtonLink>
      )}
    </span>
  );
}

function What({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const product = trial.productId && (
    <TextLink to="/products/$id" params={{ id: trial.productId }}>
      {trial.productName}
    </TextLink>
  );
  return (
    <Section title={t('plan.section.need')}>
      {trial.need !== '' && <Text style={{ whiteSpace: 'pre-line' }}>{trial.need}</Text>}
      <Facts
        rows={[
          { label: t('plan.field.family'), value: FAMILIES[trial.family].name[format.locale] },
          { label: t('plan.field.product'), value: product },
          { label: t('plan.field.owner'), value: trial.ownerNodeName },
          { label: t('plan.field.participants'), value: trial.participatingNodes.map(({ name }) => name).join(', ') },
          {
            label: t('trials.planned'),
            value: `${format.date(trial.plannedStartsOn)} – ${format.date(trial.plannedEndsOn)}`,
          },
          { label: t('plan.field.investmentOn'), value: format.date(trial.investmentOn) },
          {
            label: t('plan.field.horizon'),
            value: t('benefit.years', { years: format.number(trial.horizonYears), count: trial.horizonYears }),
          },
          { label: t('plan.field.discountRate'), value: `${format.number(trial.discountRate * 100, 2)}\u202f%` },
          { label: t('plan.field.initiativeType'), value: t(`plan.initiativeType.${trial.initiativeType}`) },
          { label: t('plan.field.caseReference'), value: trial.caseReference },
        ]}
      />
    </Section>
  );
}

function Goals({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const amount = (value: number | null): string => (value === null ? '–' : format.number(value, 2));
  return (
    <Section title={t('plan.section.goals')}>
      {trial.goals.length === 0 && <Text c="dimmed">{t('plan.goal.noneYet')}</Text>}
      {trial.goals.length > 0 && (
        <DataTable
          caption={t('plan.section.goals')}
          rows={trial.goals}
          rowKey={({ id }) => id}
          columns={[
            {
              id: 'description',
              header: t('plan.goal.description'),
              isRowHeader: true,
              cell: ({ description }) => description,
            },
            { id: 'kind', header: t('plan.goal.kind'), cell: ({ kind }) => t(`plan.goalKind.${kind}`) },
            { id: 'indicator', header: t('plan.goal.indicator'), cell: ({ indicator }) => indicator || '–' },
            { id: 'baseline', header: t('plan.goal.baseline'), align: 'end', cell: ({ baseline }) => amount(baseline) },
            { id: 'target', header: t('plan.goal.target'), align: 'end', cell: ({ target }) => amount(target) },
            {
              id: 'betterWhen',
              header: t('plan.goal.betterWhen'),
              cell: ({ betterWhen }) => t(`plan.betterWhen.${betterWhen}`),
            },
          ]}
        />
      )}
    </Section>
  );
}

function Costs({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t('plan.section.costs')} lead={t('plan.cost.basis')}>
      {trial.costs.length === 0 && <Text c="dimmed">{t('plan.cost.noneYet')}</Text>}
      {trial.costs.length > 0 && (
        <DataTable
          caption={t('plan.section.costs')}
          rows={trial.costs}
          rowKey={({ id }) => id}
          columns={[
            { id: 'name', header: t('plan.cost.what'), isRowHeader: true, cell: ({ name }) => name },
            { id: 'kind', header: t('plan.cost.kind'), cell: ({ kind }) => t(`plan.costKind.${kind}`) },
            {
              id: 'category',
              header: t('benefitPlan.category'),
              cell: ({ category }) => t(`words.category.${category}`),
            },
            {
              id: 'amount',
              header: t('plan.cost.amount'),
              align: 'end',
              cell: ({ amountOre }) => format.price(amountOre),
            },
            { id: 'startsOn', header: t('plan.cost.startsOn'), cell: ({ startsOn }) => format.date(startsOn) },
            {
              id: 'endsOn',
              header: t('plan.cost.endsOn'),
              cell: ({ kind, endsOn }) =>
                kind === 'one_off' ? '–' : endsOn === null ? t('plan.wholePeriod') : format.date(endsOn),
            },
          ]}
        />
      )}
    </Section>
  );
}
