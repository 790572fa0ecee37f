import type { CanaryView } from '#contracts';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import { Section } from '../../forms/section.js';
import { Age } from '../../parts/age.js';
import { TextLink } from '../../parts/links.js';
import { PartStateFact } from './part-state.js';

/** Whether a usage comes through the whole way, and how long that takes. */
export function CanarySection({ canary }: { canary: CanaryView }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  const { state, reason, deviceId, lastOkAt, ackMs, rowMs, misses } = canary;
  const took = (ms: number | null) =>
    ms === null ? null : t('system.milliseconds', { ms: number(ms, ms < 10 ? 1 : 0) });
  return (
    <Section title={t('system.canaryTitle')} lead={t('system.canaryLead')}>
      {reason !== null && <Text size="sm">{t(`system.offReason.${reason}`)}</Text>}
      <Facts
        rows={[
          { label: t('system.canaryState'), value: <PartStateFact state={state} /> },
          { label: t('system.lastOk'), value: <Age at={lastOkAt} /> },
          { label: t('system.ackTime'), value: took(ackMs) },
          { label: t('system.rowTime'), value: took(rowMs) },
          { label: t('system.misses'), value: number(misses) },
          {
            label: t('system.canaryDevice'),
            value: deviceId && (
              <TextLink to="/devices/$id" params={{ id: deviceId }}>
                {t('system.showDevice')}
              </TextLink>
            ),
          },
        ]}
      />
    </Section>
  );
}
