import { liveApi, type UnitCardView } from '#contracts';
import { Paper, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { Age } from '../parts/age.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import classes from './units-page.module.css';

const REFRESH_MS = 10_000;

/** The first page: every unit in one's scope, to glance at. */
export function UnitsPage() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery({
    queryKey: ['live', 'units'],
    queryFn: () => call(liveApi.units),
    refetchInterval: REFRESH_MS,
  });
  return (
    <>
      <PageTitle
        title={t('live.unitsTitle')}
        lead={t('live.unitsLead')}
        actions={
          data && (
            <Text size="sm">
              {t('live.updated')} <Age at={data.asOf} />
            </Text>
          )
        }
      />
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null && <Loading />}
      {data?.units.length === 0 && <EmptyState title={t('live.noUnits')} text={t('live.noUnitsExplained')} />}
      <ul className={classes.cards}>
        {data?.units.map((unit) => (
          <li key={unit.id}>
            <UnitCard unit={unit} />
          </li>
        ))}
      </ul>
    </>
  );
}

function UnitCard({ unit }: { unit: UnitCardView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Paper withBorder className={classes.card}>
      <Title order={2} size="h4">
        <TextLink to="/units/$id" params={{ id: unit.id }} inherit className={classes.cover}>
          {unit.name}
        </TextLink>
      </Title>
      <Text size="sm" c="dimmed">
        {[t(`words.nodeKind.${unit.kind}`), unit.parentName].filter(Boolean).join(' · ')}
      </Text>
      <p className={classes.usage}>
        <span className={classes.count}>{format.number(unit.usageToday)}</span> {t('live.usageToday')}
      </p>
      <ul className={classes.facts}>
        <li>
          {t('live.devicesReporting', { count: unit.devices, reporting: unit.reporting })}
          <span aria-hidden className={classes.meter}>
            <span style={{ width: `${(100 * unit.reporting) / Math.max(1, unit.devices)}%` }} />
          </span>
        </li>
        <li>{t('live.devicesConnected', { count: unit.devices, connected: unit.connected })}</li>
        <li>
          {t('live.lastSignal')}: <Age at={unit.lastSignalAt} />
        </li>
        {unit.trials > 0 && <li>{t('live.trialsRunning', { count: unit.trials })}</li>}
      </ul>
    </Paper>
  );
}
