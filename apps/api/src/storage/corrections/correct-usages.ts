import { type CorrectedView, type CorrectUsages, MAX_CORRECTED, type PeriodPreview } from '#contracts';
import { DeviceEntity, ProductEntity } from '#database';
import { metricByName } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { BadRequest } from '../../http/parse-request.js';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { rawKeptFrom } from '../storage.queries.js';
import { followChanges } from '../upkeep/follow-changes.js';
import { shutOutBatches } from '../upkeep/upkeep.queries.js';
import {
  addCorrection,
  changeUsages,
  countUsages,
  type MeantUsage,
  namedUsages,
  usagesWithin,
  type Wanted,
} from './corrections.queries.js';

/** A request of somebody to set usages of a device aside, or to take them back. */
export interface Correcting {
  deviceId: string;
  given: CorrectUsages;
}

/**
 * Decides whether usages count (rule U7), in the caller's transaction: the usages stay as they came, their hours are made
 * again without them or with them, and the worker makes days, months and qualifying units from that. A decision that
 * changes nothing leaves no trace, so that a request may be sent twice. Throws NotInScope for a usage that is not kept or
 * outside the scope, Refused for a period that holds none, too many, others than were previewed, or is no longer kept.
 */
export async function correctUsages(
  tx: EntityManager,
  scope: Scope<'device:edit'>,
  { deviceId, given }: Correcting,
): Promise<CorrectedView> {
  const device = await scoped(tx, DeviceEntity, scope).lock(deviceId);
  await shutOutBatches(tx);
  const meant = await usagesMeant(tx, scope, { device, given });
  const usages = meant.filter(({ isSetAside }) => isSetAside !== (given.decided === 'set_aside'));
  if (usages.length > 0) {
    const { decided, reason } = given;
    const changing = { device, usages, decided, reason };
    await followChanges(tx, await changeUsages(tx, scope, changing));
    await addCorrection(tx, scope, changing);
    await record(tx, scope, { device, given, changed: usages });
  }
  return { usages: meant.length, changed: usages.length };
}

/** What lies in a period, as {@link correctUsages} would take it. */
export async function previewPeriod(
  tx: EntityManager,
  scope: Scope<'device:edit'>,
  { deviceId, period }: { deviceId: string; period: Period },
): Promise<PeriodPreview> {
  const device = await scoped(tx, DeviceEntity, scope).get(deviceId);
  const wanted = await wantedPeriod(tx, scope, { device, period });
  return countUsages(tx, scope, { device, wanted });
}

type Period = NonNullable<CorrectUsages['period']>;

interface Meaning {
  device: DeviceEntity;
  given: CorrectUsages;
}

async function usagesMeant(tx: EntityManager, scope: Scope, { device, given }: Meaning): Promise<MeantUsage[]> {
  const { period, expected } = given;
  if (period === null) return allNamed(await namedUsages(tx, scope, { device, usages: given.usages }), given);
  const wanted = await wantedPeriod(tx, scope, { device, period });
  if (wanted.metric === NO_METRIC)
    throw new BadRequest([
      { path: 'body.period.metric', message: `the device’s family has no metric ${period.metric}` },
    ]);
  const usages = await usagesWithin(tx, scope, { device, wanted, limit: MAX_CORRECTED + 1 });
  if (usages.length === 0)
    throw new Refused('no_usages', 'No usage lies in that time: look at its days and hours again.');
  if (usages.length > MAX_CORRECTED)
    throw new Refused('too_many_usages', `More than ${MAX_CORRECTED} usages lie in that time: take it in parts.`);
  if (expected !== null && usages.length !== expected)
    throw new Refused('changed_meanwhile', `${usages.length} usages lie in that time now: look again.`);
  return usages;
}

function allNamed(found: MeantUsage[], { usages }: CorrectUsages): MeantUsage[] {
  const named = new Set(usages.map(({ at, usageId }) => `${Date.parse(at)} ${usageId}`));
  if (found.length < named.size) throw new NotInScope('usage');
  return found;
}

async function wantedPeriod(
  tx: EntityManager,
  scope: Scope,
  { device, period }: { device: DeviceEntity; period: Period },
): Promise<Wanted> {
  const { from, to, metric } = period;
  const keptFrom = await rawKeptFrom(tx);
  if (keptFrom !== null && Date.parse(from) < keptFrom.getTime())
    throw new Refused('time_before_kept_usage', `Single usages are kept from ${keptFrom.toISOString()} on.`);
  return {
    from,
    to,
    metric: metric === null ? null : await metricCode(tx, scope, { device, metric }),
  };
}

/** A code under which nothing is stored. */
const NO_METRIC = 0;

/** The stored code of a metric of the device's family, {@link NO_METRIC} when it has none such: a search finds nothing. */
export async function metricCode(
  tx: EntityManager,
  scope: Scope,
  { device, metric }: { device: DeviceEntity; metric: string },
): Promise<number> {
  const { family } = await scoped(tx, ProductEntity, scope).get(device.productId);
  return metricByName(family, metric)?.code ?? NO_METRIC;
}

async function record(
  tx: EntityManager,
  scope: Scope,
  { device, given, changed }: { device: DeviceEntity; given: CorrectUsages; changed: readonly MeantUsage[] },
): Promise<void> {
  const { decided, reason, period } = given;
  const span = { from: changed[0]!.at.toISOString(), to: changed.at(-1)!.at.toISOString() };
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'device.correct_usages',
    subjectKind: 'device',
    subjectId: device.id,
    reason,
    changes: { decided, usages: changed.length, ...span, ...(period === null ? {} : { period }) },
  });
}
