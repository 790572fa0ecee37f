import { clockOf } from '#domain';
import { Text } from '@mantine/core';
import { IconClock, IconClockExclamation } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Age } from './age.js';
import { Fact } from './fact.js';

/** How a device's clock goes: which way and by how much, and when that was measured. */
export function ClockFact({ skewMs, measuredAt }: { skewMs: number; measuredAt: string | null }) {
  const { t } = useTranslation();
  const { duration, number } = useFormat();
  const { clock, byMs } = clockOf(skewMs);
  const by = byMs < 60_000 ? `${number(byMs / 1000, 1)}\u202fs` : duration(byMs / 1000);
  return (
    <span>
      <Fact
        icon={clock === 'right' ? IconClock : IconClockExclamation}
        text={t(`parts.clock.${clock}`, { by })}
        tone={clock === 'right' ? 'good' : 'warn'}
      />
      {measuredAt !== null && (
        <Text component="span" display="block" size="sm" c="dimmed">
          {t('parts.clock.measured')} <Age at={measuredAt} />
          {clock === 'behind' && `. ${t('parts.clock.mayBeLate')}`}
        </Text>
      )}
    </span>
  );
}
