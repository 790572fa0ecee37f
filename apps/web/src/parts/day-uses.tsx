import type { UtilisationView } from '#contracts';
import type { DayUse } from '#domain';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import classes from './day-uses.module.css';

/** Used is filled, unused is empty, unknown is dashed: told by form, not by colour. */
export function DayMark({ use, ...box }: { use: DayUse; x: number; y: number; width: number; height: number }) {
  return <rect {...box} className={classes.mark} data-use={use} rx={2} />;
}

const USES: readonly DayUse[] = ['used', 'unused', 'unknown'];

/** What the marks mean. */
export function DayLegend() {
  const { t } = useTranslation();
  return (
    <ul className={classes.legend}>
      {USES.map((use) => (
        <li key={use}>
          <svg width={18} height={18} aria-hidden>
            <DayMark use={use} x={2} y={2} width={14} height={14} />
          </svg>
          {t(`parts.days.${use}`)}
        </li>
      ))}
    </ul>
  );
}

/** "Använd 5 av 8 kända dygn (63 %). 6 dygn är okända och räknas inte." */
export function Utilisation({ utilisation }: { utilisation: UtilisationView }) {
  const { t } = useTranslation();
  const { percent } = useFormat();
  const { usedDays: used, knownDays: known, unknownDays, share } = utilisation;
  const sentences = [
    share === null
      ? t('parts.days.noneKnown')
      : t('parts.days.utilisation', { used, count: known, share: percent(share) }),
    unknownDays > 0 && t('parts.days.leftOut', { count: unknownDays }),
  ].filter(Boolean);
  return <Text size="sm">{sentences.join(' ')}</Text>;
}
