import { randomUUIDv7 } from 'node:crypto';
import type { PlaceDevice, PlacementView } from '#contracts';
import { DeviceEntity, OrgNodeEntity, PlacementEntity, reassignPlacements, TrialEntity } from '#database';
import { isValidOn, localDay, moveDevice, planPlacement, type PlacementTerms } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { assertNotAhead, assertWithinKeptUsage } from './custody-times.js';
import { zoneOf } from '../zone.queries.js';
import { familyOf, overlappingPlacement, readPlacement, standsSomewhere } from './placements.queries.js';
import { lockForSwap, swapOut } from './swap.js';

/** Places a device of the scope at a node of the scope. Its usage since the start goes with it (rules U8, D7). */
export async function placeDevice(tx: EntityManager, scope: Scope, body: PlaceDevice): Promise<PlacementView> {
  const { device, outgoing } = await lockForSwap(tx, scope, body);
  const terms = planTerms(body);
  // Locked, so that the node is not closed meanwhile.
  const node = await scoped(tx, OrgNodeEntity, scope).lock(body.nodeId);
  await assertNodeTakes(tx, scope, { device, node, from: terms.from });
  if (terms.trialId !== null) await assertTrialTakes(tx, scope, { device, trialId: terms.trialId });
  if (outgoing) await swapOut(tx, scope, { body, outgoing, at: terms.from });
  await assertFree(tx, scope, { device, terms });
  const id = await insertPlacement(tx, scope, { device, terms, body, seriesId: outgoing?.placement.seriesId });
  await reassignPlacements(tx, device.key, { from: terms.from, to: terms.to });
  await takeIntoUse(tx, scope, device.id);
  return readPlacement(tx, scope, id);
}

function planTerms(body: PlaceDevice): PlacementTerms {
  const now = new Date();
  const from = body.startsAt ? new Date(body.startsAt) : now;
  const terms = planPlacement({ ...body, from, to: body.endsAt ? new Date(body.endsAt) : null });
  assertNotAhead(terms.from, now);
  assertWithinKeptUsage(terms.from, now);
  return terms;
}

async function assertNodeTakes(
  tx: EntityManager,
  scope: Scope,
  { device, node, from }: { device: DeviceEntity; node: OrgNodeEntity; from: Date },
): Promise<void> {
  if (node.rootId !== device.rootId) {
    throw new Refused(
      'municipality_differs',
      'The device belongs to another municipality than the node: register it there first.',
    );
  }
  const day = localDay(from.getTime(), await zoneOf(tx, scope, node.rootId));
  if (isValidOn(node, day)) return;
  throw new Refused('node_not_in_force', `${node.name} is not in force on ${day}: choose another node or day.`);
}

async function assertTrialTakes(
  tx: EntityManager,
  scope: Scope,
  { device, trialId }: { device: DeviceEntity; trialId: string },
): Promise<void> {
  const trial = await scoped(tx, TrialEntity, scope).get(trialId);
  if (trial.rootId !== device.rootId) {
    throw new Refused(
      'municipality_differs',
      'The trial belongs to another municipality than the device: choose one of its own.',
    );
  }
  const family = await familyOf(tx, scope, device.id);
  if (family === trial.family) return;
  throw new Refused(
    'trial_family_differs',
    `${trial.code} tries ${trial.family}, the device is a ${family}: choose another of the two.`,
  );
}

async function assertFree(
  tx: EntityManager,
  scope: Scope,
  { device, terms }: { device: DeviceEntity; terms: PlacementTerms },
): Promise<void> {
  const other = await overlappingPlacement(tx, scope, { deviceId: device.id, interval: terms });
  if (!other) return;
  const until = other.endsAt ? ` to ${other.endsAt}` : '';
  throw new Refused(
    'placement_overlaps',
    `${device.assetTag} stands at ${other.nodeName} from ${other.startsAt}${until}: end that placement first.`,
  );
}

interface Insertion {
  device: DeviceEntity;
  terms: PlacementTerms;
  body: PlaceDevice;
  seriesId: string | undefined;
}

async function insertPlacement(
  tx: EntityManager,
  scope: Scope,
  { device, terms, body, seriesId }: Insertion,
): Promise<string> {
  const id = randomUUIDv7();
  const { from: startsAt, to: endsAt, purpose, arm, trialId } = terms;
  const where = { rootId: device.rootId, deviceId: device.id, nodeId: body.nodeId, seriesId: seriesId ?? id };
  const row = { ...where, id, startsAt, endsAt, purpose, arm, trialId, createdBy: scope.person.id };
  await scoped(tx, PlacementEntity, scope).save(row);
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'placement.place',
    subjectKind: 'placement',
    subjectId: id,
    changes: { ...body, startsAt: startsAt.toISOString() },
  });
  return id;
}

/** A device that stands somewhere now is in use; one that has not arrived, is lost or retired cannot be (domain). */
async function takeIntoUse(tx: EntityManager, scope: Scope, deviceId: string): Promise<void> {
  const device = await scoped(tx, DeviceEntity, scope).get(deviceId);
  if (device.lifecycle === 'in_use' || !(await standsSomewhere(tx, scope, deviceId))) return;
  const lifecycle = moveDevice(device.lifecycle, 'in_use');
  await scoped(tx, DeviceEntity, scope).save({ id: deviceId, lifecycle });
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'device.edit',
    subjectKind: 'device',
    subjectId: deviceId,
    reason: 'it has been placed',
    changes: { lifecycle },
  });
}
