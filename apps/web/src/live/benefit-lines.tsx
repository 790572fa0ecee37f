import type { LineBenefitView } from '#contracts';
import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { DataTable } from '../parts/data-table.js';
import classes from './benefit-lines.module.css';
import { CalculationSteps } from './calculation-steps.js';
import { rateText } from './rate-text.js';
import { Computed } from './unit-benefits.js';

/** How each line's benefit is counted, from use to kronor, and what that rests on. */
export function BenefitLines({ lines }: { lines: readonly LineBenefitView[] }) {
  const { t } = useTranslation();
  if (lines.length === 0) return null;
  return (
    <Stack component="section" gap="md" aria-labelledby="lines">
      <Title order={2} size="h3" id="lines">
        {t('benefit.lines')}
      </Title>
      {lines.map((line) => (
        <BenefitLine key={line.lineId} line={line} />
      ))}
    </Stack>
  );
}

function BenefitLine({ line }: { line: LineBenefitView }) {
  const { t } = useTranslation();
  return (
    <Paper withBorder className={classes.line}>
      <Group gap="sm" mb={4}>
        <Title order={3} size="h4">
          {line.name}
        </Title>
        <Badge variant="outline" color="gray" className={classes.badge}>
          {t(`words.category.${line.category}`)}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        <Computed at={line.computedAt} />
      </Text>
      {line.calculation === null ? (
        <Text my="md">{t('benefit.notMeasured')}</Text>
      ) : (
        <CalculationSteps calculation={line.calculation} metric={line.metric} category={line.category} />
      )}
      <Basis line={line} />
      {line.confirmations.length > 0 && <Confirmations line={line} />}
    </Paper>
  );
}

/** Evidence, source and certainty: an assumption is called one. */
function Basis({ line }: { line: LineBenefitView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: [label: string, value: string][] = [
    [t('benefit.realisationRate'), rateText(line.realisationRate, t, format.percent)],
    [t('benefit.certainty'), t(`words.certainty.${line.certainty}`)],
  ];
  if (line.evidence !== null) {
    const assumed = line.evidence === 'E' ? t('benefit.assumption') : '';
    facts.push([t('benefit.evidence'), t(`words.evidence.${line.evidence}`)]);
    facts.push([t('benefit.source'), [assumed, line.source].filter(Boolean).join(': ') || t('benefit.noSource')]);
  }
  if (line.ruleVersion !== null)
    facts.push([t('benefit.rule'), t('benefit.ruleVersion', { version: line.ruleVersion })]);
  return (
    <dl className={classes.basis}>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Confirmations({ line }: { line: LineBenefitView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <DataTable
      caption={t('benefit.confirmations')}
      showCaption
      rows={line.confirmations}
      rowKey={({ id }) => id}
      sortedBy={{ id: 'month', desc: true }}
      columns={[
        {
          id: 'month',
          header: t('benefit.month'),
          isRowHeader: true,
          value: ({ month }) => month,
          cell: ({ month }) => month.slice(0, 7),
        },
        {
          id: 'unit',
          header: t('live.unitTitle'),
          value: ({ nodeName }) => nodeName,
          cell: ({ nodeName }) => nodeName,
        },
        {
          id: 'potential',
          header: t('benefit.potential'),
          align: 'end',
          value: ({ potentialOre }) => potentialOre,
          cell: ({ potentialOre }) => (potentialOre === null ? t('benefit.notMeasured') : format.kronor(potentialOre)),
        },
        {
          id: 'realised',
          header: t('benefit.realised'),
          align: 'end',
          value: ({ realisedOre }) => realisedOre,
          cell: ({ realisedOre }) => format.kronor(realisedOre),
        },
        { id: 'action', header: t('benefit.actionTaken'), cell: ({ actionTaken }) => actionTaken },
        {
          id: 'by',
          header: t('benefit.confirmedBy'),
          value: ({ confirmedByName }) => confirmedByName,
          cell: ({ confirmedByName, confirmedAt }) => `${confirmedByName}, ${format.dateTime(confirmedAt)}`,
        },
      ]}
    />
  );
}
