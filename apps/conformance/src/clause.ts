import type { Family, Text } from '#domain';
import type { Watched } from './watched.js';

export type Verdict = 'pass' | 'fail' | 'not_seen';

/** What came of one clause, and what was seen that says so. */
export interface Finding {
  readonly verdict: Verdict;
  readonly seen: Text;
}

/** One demand on a device. Required ones decide the result; recommended ones are reported. */
export interface Clause {
  readonly id: string;
  readonly level: 'required' | 'recommended';
  readonly title: Text;
  /** How a device that fails is mended. */
  readonly mend: Text;
  /** Absent: every family. */
  readonly appliesTo?: (family: Family) => boolean;
  readonly judge: (watched: Watched) => Finding;
}

export const passed = (seen: Text): Finding => ({ verdict: 'pass', seen });
export const failed = (seen: Text): Finding => ({ verdict: 'fail', seen });
export const notSeen = (seen: Text): Finding => ({ verdict: 'not_seen', seen });

const NOTHING: Text = { sv: 'Inget sådant kom.', en: 'None came.' };

/** Fails at the first item with a fault, and says how many have one; without items nothing was seen. */
export function judgeEach<T>(items: readonly T[], fault: (item: T) => Text | null): Finding {
  if (items.length === 0) return notSeen(NOTHING);
  const faults = items.flatMap((item) => fault(item) ?? []);
  const [first] = faults;
  if (first === undefined)
    return passed({ sv: `${items.length} av ${items.length}.`, en: `${items.length} of ${items.length}.` });

  return failed({
    sv: `${faults.length} av ${items.length} har fel. Den första: ${first.sv}`,
    en: `${faults.length} of ${items.length} are wrong. The first: ${first.en}`,
  });
}

/** A text that is the same in both languages. */
export const same = (text: string): Text => ({ sv: text, en: text });

/** A value as the report shows it: short, quoted, on one line. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
