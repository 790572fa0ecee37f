import type { LiveTrialView, LiveUnitView } from '#contracts';
import { TrialEntity } from '#database';
import { localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import { readTrialBenefit } from '../benefits/trial-benefit.js';
import { readUnitBenefits } from '../benefits/unit-benefits.js';
import { trialHead, type UnitHead, unitHead } from './live.queries.js';
import { readUse, trialsOf, type UseRows, useParts } from './page-parts.js';

/** A page's content; the revision is the watcher's. */
export type UnitContent = Omit<LiveUnitView, 'revision'>;
export type TrialContent = Omit<LiveTrialView, 'revision'>;
export type PageContent = UnitContent | TrialContent;

/** A page as it was read, with the rows it was made of. */
export interface PageReading<Content extends PageContent = PageContent> {
  content: Content;
  rows: UseRows;
}

/**
 * `benefitOf`: an earlier reading whose benefit still holds, since nothing was computed or confirmed since. `head`: the
 * unit, where it has been read with the check that it may be seen.
 */
export interface ReadingTerms {
  now: Date;
  benefitOf?: PageContent | undefined;
  head?: UnitHead;
}

/** A unit's page as it is at `now`: its own and its places' devices. Null when the unit has gone. */
export async function readUnitPage(
  tx: EntityManager,
  id: string,
  { now, benefitOf, head }: ReadingTerms,
): Promise<PageReading<UnitContent> | null> {
  const read = head ?? (await unitHead(tx, id));
  if (!read) return null;
  const { timeZone: zone, ...unit } = read;
  const rows = await readUse(tx, { kind: 'unit', id }, { zone, now });
  const known = benefitOf && 'benefits' in benefitOf ? benefitOf.benefits : null;
  const benefits =
    known ?? (await readUnitBenefits(tx, trialsOf(rows), { unitId: id, today: localDay(now.getTime(), zone) }));
  return { rows, content: { asOf: now.toISOString(), ...useParts(rows, now), unit, benefits } };
}

/** A trial's page: all of its devices, wherever they stand; who may read the trial sees the whole. Null when it has gone. */
export async function readTrialPage(
  tx: EntityManager,
  id: string,
  { now, benefitOf }: ReadingTerms,
): Promise<PageReading<TrialContent> | null> {
  const [head, trial] = await Promise.all([trialHead(tx, id), tx.findOneBy(TrialEntity, { id })]);
  if (!head || !trial) return null;
  const { timeZone: zone, ...shown } = head;
  const known = benefitOf && 'benefit' in benefitOf ? benefitOf.benefit : null;
  const [rows, benefit] = await Promise.all([
    readUse(tx, { kind: 'trial', id }, { zone, now }),
    known ?? readTrialBenefit(tx, trial, now),
  ]);
  return { rows, content: { asOf: now.toISOString(), ...useParts(rows, now), trial: shown, benefit } };
}
