import type { SignalView } from '#contracts';
import {
  IconBattery1,
  IconBattery4,
  IconBatteryExclamation,
  IconBatteryOff,
  IconPlug,
  type Icon,
} from '@tabler/icons-react';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Age } from './age.js';
import { Fact, type Tone } from './fact.js';

const LEVELS: Readonly<Record<NonNullable<SignalView['batteryLevel']>, { icon: Icon; tone: Tone }>> = {
  good: { icon: IconBattery4, tone: 'good' },
  low: { icon: IconBattery1, tone: 'warn' },
  critical: { icon: IconBatteryExclamation, tone: 'warn' },
};

/** How much is left, whether that is little for such a device, and how old the reading is. */
export function BatteryFact({ signal }: { signal: SignalView }) {
  const { t } = useTranslation();
  const { percent } = useFormat();
  const { battery, batteryAt, batteryLevel, isBatteryOld, power } = signal;
  if (battery === null) {
    return power === 'mains' ? (
      <Fact icon={IconPlug} text={t('parts.battery.mains')} tone="quiet" />
    ) : (
      <Fact icon={IconBatteryOff} text={t('parts.battery.unknown')} tone="quiet" />
    );
  }
  const { icon, tone } = batteryLevel === null ? { icon: IconBattery4, tone: 'quiet' as const } : LEVELS[batteryLevel];
  const share = percent(battery / 100);
  const words =
    batteryLevel === 'low' || batteryLevel === 'critical' ? t(`parts.battery.${batteryLevel}`, { share }) : share;
  return (
    <span>
      <Fact icon={icon} text={words} tone={tone} />
      <Text component="span" display="block" size="sm" c="dimmed">
        {isBatteryOld && `${t('parts.battery.old')} `}
        <Age at={batteryAt} />
      </Text>
    </span>
  );
}
