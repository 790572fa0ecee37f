import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './figure.module.css';

/** An outcome in words ("inte återbetald") is set smaller than a number. */
const isWords = (value: ReactNode): boolean => typeof value === 'string' && !/\d/.test(value);

/** One figure to read at a glance; `below` says its age, coverage or share. Put several in a `<dl>`: {@link Figures}. */
export function Figure({ label, value, below }: { label: string; value: ReactNode; below?: ReactNode }) {
  return (
    <Paper withBorder className={classes.figure}>
      <Text component="dt" size="sm" c="dimmed">
        {label}
      </Text>
      <dd className={classes.value} data-words={isWords(value) || undefined}>
        {value}
      </dd>
      {below !== undefined && (
        <Text component="dd" size="sm" c="dimmed" m={0}>
          {below}
        </Text>
      )}
    </Paper>
  );
}

/** Figures side by side, as many as fit. */
export function Figures({ children }: { children: ReactNode }) {
  return <dl className={classes.figures}>{children}</dl>;
}
