import type { Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './signal-facts.module.css';

export type Tone = 'good' | 'warn' | 'quiet';

/** One fact as icon and words; the colour only repeats what they say. */
export function Fact({ icon: Symbol, text, tone }: { icon: Icon; text: ReactNode; tone: Tone }) {
  return (
    <span className={classes.fact} data-tone={tone}>
      <Symbol size={18} stroke={1.75} aria-hidden />
      <span>{text}</span>
    </span>
  );
}
