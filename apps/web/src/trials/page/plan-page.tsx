import type { TrialView } from '#contracts';
import { FAMILIES } from '#domain';
import { Button, Text } from '@mantine/core';
import { IconPencil, IconPrinter } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import { priceText } from '../../forms/price.js';
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
      <Button variant="default" mr="sm" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => window.print()}>
        {t('trials.print')}
      </Button>
      {trial.mayEdit && (
        <ButtonLink to="/trials/$id/edit" params={{ id: trial.id }} variant="default" leftSection={<IconPencil size={18} aria-hidden />}>
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
    <Section title={t('trials.section.need')}>
      {trial.need !== '' && <Text style={{ whiteSpace: 'pre-line' }}>{trial.need}</Text>}
      <Facts
        rows={[
          { label: t('trials.field.family'), value: FAMILIES[trial.family].name[format.locale] },
          { label: t('trials.field.product'), value: product },
          { label: t('trials.field.owner'), value: trial.ownerNodeName },
          { label: t('trials.field.participants'), value: trial.participatingNodes.map(({ name }) => name).join(', ') },
          { label: t('trials.planned'), value: `${format.date(trial.plannedStartsOn)} – ${format.date(trial.plannedEndsOn)}` },
          { label: t('trials.field.investmentOn'), value: format.date(trial.investmentOn) },
          { label: t('trials.field.horizon'), value: t('benefit.years', { years: format.number(trial.horizonYears), count: trial.horizonYears }) },
          { label: t('trials.field.discountRate'), value: `${format.number(trial.discountRate * 100, 2)}\u202f%` },
          { label: t('trials.field.initiativeType'), value: t(`trials.initiativeType.${trial.initiativeType}`) },
          { label: t('trials.field.caseReference'), value: trial.caseReference },
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
    <Section title={t('trials.section.goals')}>
      {trial.goals.length === 0 && <Text c="dimmed">{t('trials.goal.noneYet')}</Text>}
      {trial.goals.length > 0 && (
        <DataTable
          caption={t('trials.section.goals')}
          rows={trial.goals}
          rowKey={({ id }) => id}
          columns={[
            { id: 'description', header: t('trials.goal.description'), isRowHeader: true, cell: ({ description }) => description },
            { id: 'kind', header: t('trials.goal.kind'), cell: ({ kind }) => t(`trials.goalKind.${kind}`) },
            { id: 'indicator', header: t('trials.goal.indicator'), cell: ({ indicator }) => indicator || '–' },
            { id: 'baseline', header: t('trials.goal.baseline'), align: 'end', cell: ({ baseline }) => amount(baseline) },
            { id: 'target', header: t('trials.goal.target'), align: 'end', cell: ({ target }) => amount(target) },
            { id: 'betterWhen', header: t('trials.goal.betterWhen'), cell: ({ betterWhen }) => t(`trials.betterWhen.${betterWhen}`) },
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
    <Section title={t('trials.section.costs')} lead={t('trials.cost.basis')}>
      {trial.costs.length === 0 && <Text c="dimmed">{t('trials.cost.noneYet')}</Text>}
      {trial.costs.length > 0 && (
        <DataTable
          caption={t('trials.section.costs')}
          rows={trial.costs}
          rowKey={({ id }) => id}
          columns={[
            { id: 'name', header: t('trials.cost.what'), isRowHeader: true, cell: ({ name }) => name },
            { id: 'kind', header: t('trials.cost.kind'), cell: ({ kind }) => t(`trials.costKind.${kind}`) },
            { id: 'category', header: t('trials.category'), cell: ({ category }) => t(`words.category.${category}`) },
            { id: 'amount', header: t('trials.cost.amount'), align: 'end', cell: ({ amountOre }) => priceText(amountOre, format) },
            { id: 'startsOn', header: t('trials.cost.startsOn'), cell: ({ startsOn }) => format.date(startsOn) },
            {
              id: 'endsOn',
              header: t('trials.cost.endsOn'),
              cell: ({ kind, endsOn }) => (kind === 'one_off' ? '–' : endsOn === null ? t('trials.wholePeriod') : format.date(endsOn)),
            },
          ]}
        />
      )}
    </Section>
  );
}
