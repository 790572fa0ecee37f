import type { ReactNode } from 'react';
import classes from './facts.module.css';

/** One fact: what it is called and what it is; nothing known is a dash. */
export interface FactRow {
  label: string;
  value: ReactNode;
}

/** Facts in two columns, one on a phone. */
export function Facts({ rows }: { rows: readonly FactRow[] }) {
  return (
    <dl className={classes.facts}>
      {rows.map(({ label, value }) => (
        <div key={label} className={classes.fact}>
          <dt>{label}</dt>
          <dd>{value === null || value === '' ? '–' : value}</dd>
        </div>
      ))}
    </dl>
  );
}
