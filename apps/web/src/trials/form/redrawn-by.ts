import { memo, type ReactNode } from 'react';
import type { TrialDraft, TrialForm } from './drafts.js';

type Part<Props> = (props: Props) => ReactNode;

/**
 * Draws a part of the form again only when the values it reads, or the problems, have changed: some sixty fields are too
 * many to draw at every keystroke. A form copies its values at every change, so they are compared by content.
 */
export function redrawnBy<Props extends { form: TrialForm }>(reads: readonly (keyof TrialDraft)[], part: Part<Props>) {
  const contentOf = ({ form }: Props): string => JSON.stringify(reads.map((name) => form.values[name]));
  return memo(part, (before, after) => {
    const isSame = before.form.errors === after.form.errors && contentOf(before) === contentOf(after);
    return isSame && Object.keys(after).every((name) => name === 'form' || isEqualAt(before, after, name));
  }) as unknown as Part<Props>;
}

const isEqualAt = (one: object, other: object, name: string): boolean =>
  (one as Record<string, unknown>)[name] === (other as Record<string, unknown>)[name];
