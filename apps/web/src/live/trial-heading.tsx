import type { TrialStage } from '#domain';
import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { PageTitle } from '../parts/page-title.js';
import classes from './trial-heading.module.css';

interface TrialHeadingProps {
  trial: { id: string; code: string; title: string; stage: TrialStage };
  actions?: ReactNode;
}

/** What stands above each of a trial's pages: which trial, which stage, and the way between them. */
export function TrialHeading({ trial, actions }: TrialHeadingProps) {
  const { t } = useTranslation();
  return (
    <>
      <PageTitle
        title={trial.title}
        lead={trial.code}
        marks={
          <Badge variant="outline" color="gray" className={classes.stage}>
            {t(`words.stage.${trial.stage}`)}
          </Badge>
        }
        actions={actions}
      />
      <nav className={classes.tabs} aria-label={t('live.trialTitle')}>
        <Link
          to="/trials/$id/live"
          params={{ id: trial.id }}
          className={classes.tab}
          activeProps={{ 'data-here': true }}
        >
          {t('benefit.liveTab')}
        </Link>
        <Link
          to="/trials/$id"
          params={{ id: trial.id }}
          className={classes.tab}
          activeOptions={{ exact: true }}
          activeProps={{ 'data-here': true }}
        >
          {t('benefit.planTab')}
        </Link>
        <Link
          to="/trials/$id/devices"
          params={{ id: trial.id }}
          className={classes.tab}
          activeProps={{ 'data-here': true }}
        >
          {t('trials.devicesTab')}
        </Link>
        <Link
          to="/trials/$id/stages"
          params={{ id: trial.id }}
          className={classes.tab}
          activeProps={{ 'data-here': true }}
        >
          {t('trials.stagesTab')}
        </Link>
        <Link
          to="/trials/$id/realisation"
          params={{ id: trial.id }}
          className={classes.tab}
          activeProps={{ 'data-here': true }}
        >
          {t('trials.realisationTab')}
        </Link>
      </nav>
    </>
  );
}
