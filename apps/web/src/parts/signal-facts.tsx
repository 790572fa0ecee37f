import type { SignalView } from '#contracts';
import {
  IconCircleCheck,
  IconCircleDashed,
  IconClockOff,
  IconEar,
  IconMoon,
  IconPlugConnected,
  IconPlugConnectedX,
  IconPower,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Fact, type Tone } from './fact.js';
import classes from './signal-facts.module.css';

const CONNECTIONS: Readonly<Record<SignalView['connection'], { icon: Icon; tone: Tone }>> = {
  connected: { icon: IconPlugConnected, tone: 'good' },
  asleep: { icon: IconMoon, tone: 'quiet' },
  left: { icon: IconPower, tone: 'quiet' },
  cut: { icon: IconPlugConnectedX, tone: 'warn' },
  away: { icon: IconPlugConnectedX, tone: 'quiet' },
};

/** Whether the device holds a connection now, and if not, how it went. */
export function ConnectionFact({ signal: { connection } }: { signal: SignalView }) {
  const { t } = useTranslation();
  return <Fact {...CONNECTIONS[connection]} text={t(`parts.signal.${connection}`)} />;
}

/** Whether it has sent something within its expected interval; a device never seen cannot have fallen silent. */
export function ReportingFact({ signal }: { signal: SignalView }) {
  const { t } = useTranslation();
  if (signal.reporting === 'reporting')
    return <Fact icon={IconCircleCheck} text={t('parts.signal.reporting')} tone="good" />;
  if (signal.reporting === 'silent') return <Fact icon={IconClockOff} text={t('parts.signal.silent')} tone="warn" />;
  return <Fact icon={IconClockOff} text={t('parts.signal.notReporting')} tone="quiet" />;
}

/** Whether it has ever been heard of at all. */
export function SeenFact({ signal }: { signal: SignalView }) {
  const { t } = useTranslation();
  if (signal.reporting === 'never_seen')
    return <Fact icon={IconCircleDashed} text={t('parts.signal.neverSeen')} tone="warn" />;
  return <Fact icon={IconEar} text={t('parts.signal.seenBefore')} tone="quiet" />;
}

/** The three facts about a device, kept apart: never one lamp. */
export function SignalFacts({ signal }: { signal: SignalView }) {
  return (
    <span className={classes.facts}>
      <ConnectionFact signal={signal} />
      <ReportingFact signal={signal} />
      <SeenFact signal={signal} />
    </span>
  );
}
