import type { LiveTrialView, LiveUnitView } from '#contracts';
import { TrialEntity } from '#database';
import { localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import { readTrialBenefit, readUnitBenefits } from '../benefits/trial-benefit.js';
import { trialHeads, unitHead } from './live.queries.js';
import { readUse } from './page-parts.js';

/** A page's content; the revision is the watcher's. */
export type UnitContent = Omit<LiveUnitView, 'revision'>;
export type TrialContent = Omit<LiveTrialView, 'revision'>;
export type PageContent = UnitContent | TrialContent;

/** `benefitOf`: an earlier reading whose benefit still holds, since nothing was computed or confirmed since. */
export interface Reading {
  now: Date;
  benefitOf?: PageContent | undefined;
}

/** A unit's page as it is at `now`: its own and its places' devices. Null when the unit has gone. */
export async function readUnitPage(
  tx: EntityManager,
  id: string,
  { now, benefitOf }: Reading,
): Promise<UnitContent | null> {
  const unit = await unitHead(tx, id);
  if (!unit) return null;
  const { timeZone: zone, ...head } = unit;
  const { trialIds, use } = await readUse(tx, { kind: 'unit', id }, { zone, now });
  if (benefitOf && 'benefits' in benefitOf)
    return { asOf: now.toISOString(), ...use, unit: head, benefits: benefitOf.benefits };
  const trials = trialIds.length === 0 ? [] : await trialHeads(tx, trialIds);
  const benefits = await readUnitBenefits(tx, trials, { unitId: id, today: localDay(now.getTime(), zone) });
  return { asOf: now.toISOString(), ...use, unit: head, benefits };
}

/** A trial's page: all of its devices, wherever they stand; who may read the trial sees the whole. Null when it has gone. */
export async function readTrialPage(
  tx: EntityManager,
  id: string,
  { now, benefitOf }: Reading,
): Promise<TrialContent | null> {
  const [[head], trial] = await Promise.all([trialHeads(tx, [id]), tx.findOneBy(TrialEntity, { id })]);
  if (!head || !trial) return null;
  const { timeZone: zone, ...shown } = head;
  const known = benefitOf && 'benefit' in benefitOf ? benefitOf.benefit : null;
  const [{ use }, benefit] = await Promise.all([
    readUse(tx, { kind: 'trial', id }, { zone, now }),
    known ?? readTrialBenefit(tx, trial, now),
  ]);
  return { asOf: now.toISOString(), ...use, trial: shown, benefit };
}
