import type { TrialStage } from '#domain';
import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './stage-badge.module.css';

/** The stage in words; the colour only repeats what goes on and what has halted. */
export function StageBadge({ stage }: { stage: TrialStage }) {
  const { t } = useTranslation();
  return (
    <Badge variant="default" radius="sm" className={classes.badge} data-stage={stage}>
      {t(`words.stage.${stage}`)}
    </Badge>
  );
}
