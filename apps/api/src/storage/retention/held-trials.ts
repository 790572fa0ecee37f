import { holdingRule, type HoldingRule } from '#domain';
import type { EntityManager } from 'typeorm';
import { readTrialLives } from './retention.queries.js';

/** A trial whose raw is held, and by which rule (K1). */
export interface HeldTrial {
  id: string;
  code: string;
  rule: HoldingRule;
}

/** The trials whose raw is held at `now`. */
export async function heldTrials(tx: EntityManager, now: Date): Promise<HeldTrial[]> {
  return (await readTrialLives(tx)).flatMap(({ id, code, changes }) => {
    const rule = holdingRule(changes, now);
    return rule === null ? [] : [{ id, code, rule }];
  });
}
