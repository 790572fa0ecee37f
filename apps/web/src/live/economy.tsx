import type { EconomyView, TrialBenefitView } from '#contracts';
import { Stack, Text, Title } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useFormat, type Format } from '../format.js';
import { DataTable } from '../parts/data-table.js';
import { Figure, Figures } from '../parts/figure.js';
import { rateText } from './rate-text.js';

interface Measure {
  id: 'npv' | 'payback' | 'discountedPayback' | 'bcr' | 'roi';
  of: (economy: EconomyView) => string;
}

function measuresOf(t: TFunction, format: Format): Measure[] {
  const years = (value: number) => t('benefit.years', { years: format.number(value, 1) });
  const ratio = (value: number) => format.number(value, 2);
  return [
    { id: 'npv', of: ({ npvOre }) => format.kronor(npvOre) },
    { id: 'payback', of: ({ paybackYears }) => rateText(paybackYears, t, years) },
    { id: 'discountedPayback', of: ({ discountedPaybackYears }) => rateText(discountedPaybackYears, t, years) },
    { id: 'bcr', of: ({ bcr }) => rateText(bcr, t, ratio) },
    { id: 'roi', of: ({ roi }) => rateText(roi, t, format.percent) },
  ];
}

const HEADLINE = ['npv', 'payback', 'bcr'];

/** The whole period by the plan: financial benefit alone is the headline, redistributed time stands beside (rule B1). */
export function Economy({ planned }: { planned: TrialBenefitView['planned'] }) {
  const { t } = useTranslation();
  const measures = measuresOf(t, useFormat());
  return (
    <Stack component="section" gap="md" aria-labelledby="economy">
      <div>
        <Title order={2} size="h3" id="economy">
          {t('benefit.economy')}
        </Title>
        <Text size="sm" c="dimmed">
          {t('benefit.includingExplained')}
        </Text>
      </div>
      <Figures>
        {measures
          .filter(({ id }) => HEADLINE.includes(id))
          .map(({ id, of }) => (
            <Figure
              key={id}
              label={t(`benefit.${id}`)}
              value={of(planned.financialOnly)}
              below={t('benefit.financialOnly')}
            />
          ))}
      </Figures>
      <DataTable
        caption={t('benefit.economy')}
        rows={measures}
        rowKey={({ id }) => id}
        columns={[
          { id: 'measure', header: t('benefit.measure'), isRowHeader: true, cell: ({ id }) => t(`benefit.${id}`) },
          {
            id: 'financial',
            header: t('benefit.financialOnly'),
            align: 'end',
            cell: ({ of }) => of(planned.financialOnly),
          },
          {
            id: 'including',
            header: t('benefit.includingRedistribution'),
            align: 'end',
            cell: ({ of }) => of(planned.includingRedistribution),
          },
        ]}
      />
    </Stack>
  );
}
