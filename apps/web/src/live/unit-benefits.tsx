import type { LiveBenefitView } from '#contracts';
import { Group, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Age } from '../parts/age.js';
import { TextLink } from '../parts/links.js';
import classes from './grid.module.css';
import { StreamBars } from './stream-bars.js';

/** A unit's benefit so far, for each of its trials and each category. */
export function UnitBenefits({ benefits }: { benefits: readonly LiveBenefitView[] }) {
  const { t } = useTranslation();
  const trials = Map.groupBy(benefits, ({ trialId }) => trialId);
  return (
    <Stack component="section" gap="md" aria-labelledby="benefits">
      <div>
        <Title order={2} size="h3" id="benefits">
          {t('live.benefits')}
        </Title>
        <Text size="sm" c="dimmed">
          {benefits.length === 0 ? t('live.noBenefits') : t('benefit.keptApart')}
        </Text>
      </div>
      {[...trials].map(([trialId, rows]) => (
        <TrialBenefits key={trialId} rows={rows} />
      ))}
    </Stack>
  );
}

function TrialBenefits({ rows }: { rows: readonly LiveBenefitView[] }) {
  const { t } = useTranslation();
  const [first] = rows;
  if (first === undefined) return null;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <TextLink to="/trials/$id/live" params={{ id: first.trialId }} fw={600}>
          {first.code} {first.title}
        </TextLink>
        <Text size="sm" c="dimmed">
          {t(`words.stage.${first.stage}`)} · <Computed at={first.computedAt} />
        </Text>
      </Group>
      <div className={classes.cards}>
        {rows.map((row) => (
          <StreamBars key={row.category} streams={row} />
        ))}
      </div>
    </Stack>
  );
}

/** When a benefit was last worked out. */
export function Computed({ at }: { at: string | null }) {
  const { t } = useTranslation();
  if (at === null) return t('benefit.notComputed');
  return (
    <>
      {t('benefit.computed')} <Age at={at} />
    </>
  );
}
