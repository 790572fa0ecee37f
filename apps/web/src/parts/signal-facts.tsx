import type { SignalView } from '#contracts';
import {
  IconCircleCheck,
  IconCircleDashed,
  IconClockOff,
  IconEar,
  IconPlugConnected,
  IconPlugConnectedX,
  type Icon,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './signal-facts.module.css';

type Tone = 'good' | 'warn' | 'quiet';

/** One fact as icon and words; the colour only repeats what they say. */
function Fact({ icon: Symbol, text, tone }: { icon: Icon; text: string; tone: Tone }) {
  return (
    <span className={classes.fact} data-tone={tone}>
      <Symbol size={18} stroke={1.75} aria-hidden />
      <span>{text}</span>
    </span>
  );
}

/** Whether the device holds a connection now. */
export function ConnectionFact({ signal }: { signal: SignalView }) {
  const { t } = useTranslation();
  if (signal.connected) return <Fact icon={IconPlugConnected} text={t('parts.signal.connected')} tone="good" />;
  return <Fact icon={IconPlugConnectedX} text={t('parts.signal.notConnected')} tone="quiet" />;
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
