import type { TrialView } from '#contracts';
import type { TrialStage } from '#domain';
import { Button, Group, Text, Timeline } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Section } from '../../forms/section.js';
import { useMay } from '../../session.js';
import { TrialFrame } from './trial-frame.js';

const MoveTrial = lazy(() => import('./move-trial.js'));

const route = getRouteApi('/shell/trials/$id/stages');

export function StagesPage() {
  const { id } = route.useParams();
  return (
    <TrialFrame id={id}>
      {(trial) => (
        <>
          <NextStages trial={trial} />
          <History trial={trial} />
        </>
      )}
    </TrialFrame>
  );
}

const HALTING: readonly TrialStage[] = ['paused', 'stopped'];

/** Where the trial can go from here; the way forward first. */
function NextStages({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const mayMove = useMay('trial:move') && trial.mayEdit;
  const [to, setTo] = useState<TrialStage | null>(null);
  const stage = t(`words.stage.${trial.stage}`);
  return (
    <Section title={t('trials.move.title', { stage })} lead={t(`trials.stageExplained.${trial.stage}`)}>
      {trial.nextStages.length === 0 && <Text c="dimmed">{t('trials.move.ended')}</Text>}
      {!mayMove && trial.nextStages.length > 0 && <Text c="dimmed">{t('trials.move.notYours')}</Text>}
      {mayMove && (
        <Group gap="sm">
          {trial.nextStages.map((next, index) => (
            <Button
              key={next}
              variant={index === 0 && !HALTING.includes(next) ? 'filled' : 'default'}
              onClick={() => setTo(next)}
            >
              {t('trials.move.to', { stage: t(`words.stage.${next}`) })}
            </Button>
          ))}
        </Group>
      )}
      <Suspense fallback={null}>
        {to !== null && <MoveTrial trial={trial} to={to} onClose={() => setTo(null)} />}
      </Suspense>
    </Section>
  );
}

function History({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const changes = [...trial.stageChanges].sort((one, other) => (one.at < other.at ? -1 : 1));
  return (
    <Section title={t('trials.history')}>
      <Timeline active={changes.length - 1} bulletSize={18} lineWidth={2}>
        {changes.map(({ stage, at, byName, reason }) => (
          <Timeline.Item key={`${at} ${stage}`} title={t(`words.stage.${stage}`)}>
            <Text size="sm" c="dimmed">
              <time dateTime={at}>{format.dateTime(at)}</time>
              {byName !== null && `, ${byName}`}
            </Text>
            {reason !== '' && <Text size="sm">{reason}</Text>}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}
