import { randomUUID } from 'node:crypto';
import {
  BenefitLineEntity,
  MeasurementRuleEntity,
  type OrgNodeEntity,
  type PlacementEntity,
  type ProductEntity,
  type RoleGrantEntity,
  type TrialEntity,
  UserAccountEntity,
} from '#database';
import { type Role, ROLES } from '#domain';
import type { TestApi } from '../support/api.js';
import * as build from '../support/builders.js';

/** Everything that a request can name, all of it belonging to one unit. */
export interface Place {
  root: OrgNodeEntity;
  unit: OrgNodeEntity;
  /** A place below the unit, with nothing in it. */
  child: OrgNodeEntity;
  product: ProductEntity;
  trial: TrialEntity;
  line: { id: string };
  placement: PlacementEntity;
  /** In stock, and placed nowhere. */
  spare: build.TestDevice;
  person: build.TestUser;
  grant: RoleGrantEntity;
  /** Has not accepted the invitation yet. */
  invited: build.TestUser;
}

/** A rule that the keyless locks' family allows. */
export const RULE = {
  metric: 'unlock',
  filter: {},
  deduplicateMinutes: 5,
  counterfactualShare: 0.3,
  minutesPerUnit: 2,
  addedWorkMinutesPerUnit: 0,
  failureFilter: null,
  failureMinutes: 0,
  hourlyCostOre: 33_620,
  evidence: 'E',
  source: '',
} as const;

/** One of everything, at a unit. */
export async function furnish(api: TestApi, root: OrgNodeEntity, unit: OrgNodeEntity): Promise<Place> {
  const product = await build.product(api, unit);
  const trial = await build.trial(api, unit);
  const line = await benefitLine(api, trial);
  const device = await build.device(api, unit, { product });
  const placement = await build.placement(api, { device, node: unit }, { trial });
  const spare = await build.device(api, unit, { product, lifecycle: 'in_stock' });
  const person = await build.user(api, { node: unit });
  const grant = await build.grant(api, { userId: person.id, role: 'staff', node: unit });
  const invited = await build.user(api, { role: 'staff', node: unit });
  await api.db.manager.update(UserAccountEntity, { id: invited.id }, { passwordHash: null });
  const child = await build.node(api, unit, { kind: 'place' });
  return { root, unit, child, product, trial, line, placement, spare, person, grant, invited };
}

async function benefitLine(api: TestApi, trial: TrialEntity): Promise<{ id: string }> {
  const id = randomUUID();
  const terms = {
    category: 'redistribution',
    stakeholder: 'staff',
    certainty: 'yellow',
    taskKind: 'task_removed',
  } as const;
  const plan = { plannedMonthOre: 100_000, startsOn: '2026-01-01', position: 0 };
  await api.db.manager.insert(BenefitLineEntity, {
    id,
    trialId: trial.id,
    name: 'Färre nyckelresor',
    ...terms,
    ...plan,
  });
  await api.db.manager.insert(MeasurementRuleEntity, { id: randomUUID(), benefitLineId: id, version: 1, ...RULE });
  return { id };
}

/** A person of each role on one unit, and what lies inside, beside and in another municipality. */
export interface World {
  by: Record<Role, build.TestUser>;
  inside: Place;
  outside: Place;
  foreign: Place;
}

export async function buildWorld(api: TestApi): Promise<World> {
  const [here, elsewhere] = [await build.municipality(api), await build.municipality(api)];
  const at = async (root: OrgNodeEntity): Promise<Place> => furnish(api, root, await build.node(api, root));
  const [inside, outside, foreign] = [await at(here), await at(here), await at(elsewhere)];
  const people = await Promise.all(
    ROLES.map(async (role) => [role, await build.user(api, { role, node: inside.unit })] as const),
  );
  return { by: Object.fromEntries(people) as World['by'], inside, outside, foreign };
}
