import type { CoverageView } from '#contracts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

/** What a figure rests on: "Baserat på 7 av 8 apparater, 3 h luckor". Silent is not unused. */
export function Coverage({ coverage }: { coverage: CoverageView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { expected, reporting, gapHours } = coverage;
  if (expected === 0) return <Note text={t('parts.coverage.none')} />;
  const given = { count: expected, reporting };
  if (gapHours <= 0) return <Note text={t('parts.coverage.full', given)} />;
  return <Note text={t('parts.coverage.gaps', { ...given, gaps: format.hours(gapHours, gapHours < 10 ? 1 : 0) })} />;
}

function Note({ text }: { text: string }) {
  return (
    <Text size="sm" c="dimmed">
      {text}
    </Text>
  );
}
