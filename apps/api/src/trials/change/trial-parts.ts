import { randomUUIDv7 } from 'node:crypto';
import type { RegisterTrial } from '#contracts';
import { CostLineEntity, ProductEntity, TrialGoalEntity, TrialNodeEntity } from '#database';
import { assertValidity, type FamilyCode } from '#domain';
import { type EntityManager, In } from 'typeorm';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { nodesOfMunicipality } from './participating.queries.js';

/** The trial as far as its parts must fit it. */
interface Owner {
  id: string;
  rootId: string;
  family: FamilyCode;
}

/** Refuses a product of another municipality or family. */
export async function assertProductFits(
  tx: EntityManager,
  scope: Scope,
  { productId, trial }: { productId: string | null; trial: Omit<Owner, 'id'> },
): Promise<void> {
  if (productId === null) return;
  const product = await scoped(tx, ProductEntity, scope).get(productId);
  if (product.rootId !== trial.rootId) {
    throw new Refused(
      'municipality_differs',
      'The product belongs to another municipality than the trial: choose one of its own.',
    );
  }
  if (product.family === trial.family) return;
  throw new Refused(
    'product_family_differs',
    `The trial tries ${trial.family}, the product is a ${product.family}: choose a product of the family.`,
  );
}

/** Sets which nodes take part, anywhere in the trial's municipality: they may then read it. */
export async function setParticipating(
  tx: EntityManager,
  scope: Scope,
  { trial, nodeIds }: { trial: Owner; nodeIds: readonly string[] },
): Promise<void> {
  const wanted = [...new Set(nodeIds)];
  const known = await nodesOfMunicipality(tx, scope, { rootId: trial.rootId, nodeIds: wanted });
  if (known.length < wanted.length) {
    throw new Refused(
      'municipality_differs',
      'A participating node does not exist in the trial’s municipality: choose its own nodes.',
    );
  }
  await tx.delete(TrialNodeEntity, { trialId: trial.id });
  if (wanted.length > 0)
    await tx.insert(
      TrialNodeEntity,
      wanted.map((nodeId) => ({ trialId: trial.id, nodeId })),
    );
}

/** Sets the goals of a trial of the scope, in the order given. */
export async function setGoals(
  tx: EntityManager,
  scope: Scope,
  { trialId, goals }: { trialId: string; goals: RegisterTrial['goals'] },
): Promise<void> {
  const old = await scoped(tx, TrialGoalEntity, scope).find({ trialId });
  await tx.delete(TrialGoalEntity, { id: In(old.map(({ id }) => id)) });
  const rows = goals.map((goal, position) => ({ ...goal, id: randomUUIDv7(), trialId, position }));
  if (rows.length > 0) await tx.insert(TrialGoalEntity, rows);
}

/** Sets the costs of a trial of the scope, in the order given. */
export async function setCosts(
  tx: EntityManager,
  scope: Scope,
  { trialId, costs }: { trialId: string; costs: RegisterTrial['costs'] },
): Promise<void> {
  costs.forEach(({ startsOn, endsOn }) => assertValidity(startsOn, endsOn));
  const old = await scoped(tx, CostLineEntity, scope).find({ trialId });
  await tx.delete(CostLineEntity, { id: In(old.map(({ id }) => id)) });
  const rows = costs.map((cost, position) => ({ ...cost, id: randomUUIDv7(), trialId, position }));
  if (rows.length > 0) await tx.insert(CostLineEntity, rows);
}
