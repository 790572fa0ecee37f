import type { PartState } from '#contracts';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconClockExclamation,
  IconClockOff,
  IconPlayerStop,
  IconPower,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Fact, type Tone } from '../../parts/fact.js';

const LOOKS: Readonly<Record<PartState, { icon: Icon; tone: Tone }>> = {
  ok: { icon: IconCircleCheck, tone: 'good' },
  degraded: { icon: IconAlertTriangle, tone: 'warn' },
  late: { icon: IconClockExclamation, tone: 'warn' },
  silent: { icon: IconClockOff, tone: 'warn' },
  stopped: { icon: IconPlayerStop, tone: 'quiet' },
  off: { icon: IconPower, tone: 'quiet' },
  never_started: { icon: IconCircleDashed, tone: 'warn' },
};

/** Whether somebody should look into a part in this state. */
export const needsAttention = (state: PartState): boolean => LOOKS[state].tone === 'warn';

/** A part's state as icon and words. */
export function PartStateFact({ state }: { state: PartState }) {
  const { t } = useTranslation();
  return <Fact {...LOOKS[state]} text={t(`system.state.${state}`)} />;
}
