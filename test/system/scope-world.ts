import { randomUUID } from 'node:crypto';
import {
  BenefitLineEntity,
  type GatewayChildEntity,
  type GatewayEntity,
  MeasurementRuleEntity,
  type OrgNodeEntity,
  type PlacementEntity,
  type ProductEntity,
  type RoleGrantEntity,
  type TrialEntity,
  UsageImportEntity,
  UserAccountEntity,
} from '#database';
import { type Role, ROLES } from '#domain';
import type { TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { COUNTER_METRIC, recordReadings } from '../support/usage.js';

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
  gateway: GatewayEntity;
  /** A device that the gateway speaks for. */
  gatewayChild: GatewayChildEntity;
  person: build.TestUser;
  grant: RoleGrantEntity;
  /** A message of the device in the placement; its own number, which is no id. */
  reject: { id: string; number: number };
  /** A checked file with one good line. */
  file: { id: string };
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
  await counterReading(api, spare);
  const gateway = await build.gateway(api, unit);
  const gatewayChild = await build.gatewayChild(api, { gateway, device });
  const person = await build.user(api, { node: unit });
  const grant = await build.grant(api, { userId: person.id, role: 'staff', node: unit });
  const invited = await build.user(api, { role: 'staff', node: unit });
  await api.db.manager.update(UserAccountEntity, { id: invited.id }, { passwordHash: null });
  const child = await build.node(api, unit, { kind: 'place' });
  const reject = { id: device.id, number: await rejectOf(api, device) };
  const file = await checkedFile(api, { unit, device, by: person });
  return {
    root,
    unit,
    child,
    product,
    trial,
    line,
    placement,
    spare,
    gateway,
    gatewayChild,
    person,
    grant,
    invited,
    reject,
    file,
  };
}

/** A reading of a counter that a person may judge. */
async function counterReading(api: TestApi, device: build.TestDevice): Promise<void> {
  await recordReadings(api, { device, placement: null }, [['2026-01-01T00:00:00Z', 5]]);
  await api.db.query(
    `insert into counter_hour (device_key, metric, placement_key, hour, delta, resets, glitches, unconfirmed, unsplit)
    values ($1, $2, 0, '2026-01-01T00:00:00Z', 0, 0, 0, 0, 0)`,
    [device.key, COUNTER_METRIC],
  );
}

async function rejectOf(api: TestApi, { key }: build.TestDevice): Promise<number> {
  const [row] = await api.db.query<{ id: number }[]>(
    `insert into rejected_message (received_at, device_key, client_name, topic, code, reason, payload, payload_bytes)
    values (now(), $1, 'x', 'x', 'schema', 'x', 'x', 1) returning id`,
    [key],
  );
  return row?.id ?? 0;
}

async function checkedFile(
  api: TestApi,
  { unit, device, by }: { unit: OrgNodeEntity; device: build.TestDevice; by: build.TestUser },
): Promise<{ id: string }> {
  const [id, { rootId, id: nodeId }] = [randomUUID(), unit];
  const facts = { fileName: 'fil.csv', reason: 'På papper', status: 'checked', lines: 1, good: 1 } as const;
  await api.db.manager.insert(UsageImportEntity, { id, rootId, nodeId, uploadedBy: by.id, ...facts });
  await api.db.query('insert into usage_import_line (import_id, line, device_key, usage) values ($1, 2, $2, $3)', [
    id,
    device.key,
    { metric: 'unlock', at: new Date().toISOString() },
  ]);
  return { id };
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
