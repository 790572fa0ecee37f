import { combine, compareRows, type Row } from './row.js';
import { rowContent } from './resolve-conflicts.js';

/** Rows of distinct keys in the order of writing, and what became of the others. */
export interface MergedRows {
  readonly rows: Row[];
  readonly repeats: number;
  readonly reused: Row[];
}

/**
 * Sorts a batch and merges rows of the same key as if they had come one after the other: one statement must not touch a
 * row twice (rule U3), and two workers with the same keys in opposite order would deadlock.
 */
export function mergeRows(given: readonly Row[]): MergedRows {
  const sorted = [...given].sort(compareRows);
  const rows: Row[] = [];
  const reused: Row[] = [];
  for (const row of sorted) {
    const last = rows.at(-1);
    if (!last || compareRows(last, row) !== 0) rows.push(row);
    else if (!absorb(last, row)) reused.push(row);
  }
  return { rows, reused, repeats: sorted.length - rows.length - reused.length };
}

/** False when the two differ in content. */
function absorb(row: Row, other: Row): boolean {
  const content = combine(rowContent(row), rowContent(other), row.draft.metric.kind === 'session');
  if (content === 'other') return false;
  if (content === 'repeat') return true;
  if (row.attributes === null) row.dimensions = other.dimensions;
  row.attributes = content.attributes;
  row.untilMs = content.untilMs;
  row.value = content.value;
  row.flags = content.flags;
  return true;
}
