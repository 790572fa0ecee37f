import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  DeviceCredentialEntity,
  DeviceEntity,
  GatewayChildEntity,
  GatewayCredentialEntity,
  GatewayEntity,
  OrgNodeEntity,
  PlacementEntity,
  ProductEntity,
  RoleGrantEntity,
  TrialEntity,
  TrialNodeEntity,
  TrialStageChangeEntity,
  UserAccountEntity,
} from '#database';
import {
  type Arm,
  assertChildKind,
  type DeviceLifecycle,
  type FamilyCode,
  type NodeKind,
  planPlacement,
  type Purpose,
} from '#domain';
import type { Role, TrialStage } from '#domain';
import { hashPassword } from '../../apps/api/src/identity/passwords.js';
import { SessionsService } from '../../apps/api/src/identity/sessions.service.js';
import type { TestApi } from './api.js';

/** Every built account's password; hashed once per test file, since a hash is slow on purpose. */
export const PASSWORD = 'en lång och god lösenfras';
let passwordHash: Promise<string> | undefined;

let last = 0;
/** A number that no other row of this test file has. */
const next = (): number => (last += 1);

/** Long before every test, so that rows are valid at any time a test speaks of. */
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** A municipality: the root of a tree. */
export async function municipality(api: TestApi, given: Partial<OrgNodeEntity> = {}): Promise<OrgNodeEntity> {
  const id = given.id ?? randomUUID();
  const row = {
    name: `Kommun ${next()}`,
    validFrom: '2020-01-01',
    validTo: null,
    timeZone: 'Europe/Stockholm',
    demo: false,
    ...given,
  };
  await api.db.manager.insert(OrgNodeEntity, {
    ...row,
    id,
    rootId: id,
    parentId: null,
    kind: 'municipality',
    path: [id],
  });
  return api.db.manager.findOneByOrFail(OrgNodeEntity, { id });
}

/** A node below another; a unit unless `kind` says otherwise. */
export async function node(
  api: TestApi,
  parent: OrgNodeEntity,
  given: Partial<OrgNodeEntity> = {},
): Promise<OrgNodeEntity> {
  const id = given.id ?? randomUUID();
  const kind: NodeKind = given.kind ?? 'unit';
  assertChildKind(parent.kind, kind);
  const row = { name: `Enhet ${next()}`, validFrom: '2020-01-01', validTo: null, ...given };
  const place = { id, rootId: parent.rootId, parentId: parent.id, kind, path: [...parent.path, id] };
  await api.db.manager.insert(OrgNodeEntity, { ...row, ...place });
  return api.db.manager.findOneByOrFail(OrgNodeEntity, { id });
}

/** A person who can log in with {@link PASSWORD} and already has a session. */
export interface TestUser {
  id: string;
  rootId: string;
  name: string;
  email: string;
  /** The session's token: `api.as(user)`. */
  token: string;
}

interface UserGiven {
  role?: Role;
  /** The grant's node with its subtree. */
  node?: OrgNodeEntity;
  /** Instead of a node: the grant's trial. */
  trial?: TrialEntity;
  name?: string;
  email?: string;
}

/** An account with one grant, on a node or on a trial; without `role` no grant at all (name the node it belongs to). */
export async function user(api: TestApi, given: UserGiven): Promise<TestUser> {
  const rootId = given.node?.rootId ?? given.trial?.rootId;
  if (!rootId) throw new Error('Name the node or the trial.');
  const id = randomUUID();
  const number = next();
  const { name = `Person ${number}`, email = `person${number}@example.se` } = given;
  passwordHash ??= hashPassword(PASSWORD);
  await api.db.manager.insert(UserAccountEntity, { id, rootId, name, email, passwordHash: await passwordHash });
  if (given.role) await grant(api, { userId: id, role: given.role, node: given.node, trial: given.trial });
  const sessions = api.app.get(SessionsService, { strict: false });
  return { id, rootId, name, email, token: await sessions.open(api.db.manager, id, null) };
}

interface GrantGiven {
  userId: string;
  role: Role;
  node?: OrgNodeEntity | undefined;
  trial?: TrialEntity | undefined;
  startsAt?: Date;
  endsAt?: Date | null;
}

/** One more grant for an account. */
export async function grant(api: TestApi, given: GrantGiven): Promise<RoleGrantEntity> {
  const { userId, role, startsAt = LONG_AGO, endsAt = null } = given;
  const on = given.trial
    ? { nodeId: null, trialId: given.trial.id }
    : { nodeId: given.node?.id ?? null, trialId: null };
  const id = randomUUID();
  await api.db.manager.insert(RoleGrantEntity, { id, userId, role, startsAt, endsAt, grantedBy: null, ...on });
  return api.db.manager.findOneByOrFail(RoleGrantEntity, { id });
}

/** A product of the municipality that the node belongs to. */
export async function product(
  api: TestApi,
  at: OrgNodeEntity,
  given: Partial<ProductEntity> = {},
): Promise<ProductEntity> {
  const id = given.id ?? randomUUID();
  const family: FamilyCode = 'keyless_lock';
  await api.db.manager.insert(ProductEntity, {
    family,
    supplier: 'Låsbolaget',
    model: `Modell ${next()}`,
    ...given,
    id,
    rootId: at.rootId,
  });
  return api.db.manager.findOneByOrFail(ProductEntity, { id });
}

/** A device with its MQTT secret; its user name is `publicId`. */
export type TestDevice = DeviceEntity & { secret: string };

/** A device owned by a node, of a product of the same municipality (a new keyless lock unless given). */
export async function device(
  api: TestApi,
  owner: OrgNodeEntity,
  given: Partial<DeviceEntity> & { product?: ProductEntity } = {},
): Promise<TestDevice> {
  const { product: of = await product(api, owner), ...rest } = given;
  const id = rest.id ?? randomUUID();
  const secret = randomBytes(16).toString('base64url');
  const lifecycle: DeviceLifecycle = 'in_use';
  const row = {
    publicId: `apparat-${randomBytes(5).toString('hex')}`,
    assetTag: `A-${next()}`,
    serial: null,
    lifecycle,
    expectedIntervalSeconds: 3600,
  };
  await api.db.manager.insert(DeviceEntity, {
    ...row,
    ...rest,
    id,
    rootId: owner.rootId,
    ownerNodeId: owner.id,
    productId: of.id,
  });
  const secretSha256 = createHash('sha256').update(secret).digest();
  await api.db.manager.insert(DeviceCredentialEntity, { id: randomUUID(), deviceId: id, secretSha256 });
  return { ...(await api.db.manager.findOneByOrFail(DeviceEntity, { id })), secret };
}

/** A gateway with its MQTT secret; its user name is `publicId`. */
export type TestGateway = GatewayEntity & { secret: string };

/** A Zigbee2MQTT gateway owned by a node, unless another ecosystem is given. */
export async function gateway(
  api: TestApi,
  owner: OrgNodeEntity,
  given: Partial<GatewayEntity> = {},
): Promise<TestGateway> {
  const id = given.id ?? randomUUID();
  const secret = randomBytes(16).toString('base64url');
  const place = { id, rootId: owner.rootId, ownerNodeId: owner.id };
  const row = { publicId: `g-${randomBytes(5).toString('hex')}`, name: `Brygga ${next()}`, topicPrefix: 'zigbee2mqtt' };
  await api.db.manager.insert(GatewayEntity, { ecosystem: 'zigbee2mqtt', ...row, ...given, ...place });
  const secretSha256 = createHash('sha256').update(secret).digest();
  await api.db.manager.insert(GatewayCredentialEntity, { id: randomUUID(), gatewayId: id, secretSha256 });
  return { ...(await api.db.manager.findOneByOrFail(GatewayEntity, { id })), secret };
}

/** Lets a gateway speak for a device. */
export async function gatewayChild(
  api: TestApi,
  { gateway: of, device: spokenFor, externalName = `fran-${next()}` }: GatewayChildGiven,
): Promise<GatewayChildEntity> {
  const id = randomUUID();
  await api.db.manager.insert(GatewayChildEntity, { id, gatewayId: of.id, deviceId: spokenFor.id, externalName });
  return api.db.manager.findOneByOrFail(GatewayChildEntity, { id });
}

interface GatewayChildGiven {
  gateway: GatewayEntity;
  device: DeviceEntity;
  externalName?: string;
}

interface PlacementGiven {
  trial?: TrialEntity;
  /** `trial` when a trial is given, else `operation`. */
  purpose?: Purpose;
  arm?: Arm;
  startsAt?: Date;
  endsAt?: Date | null;
  seriesId?: string;
}

/** Places a device at a node, since long ago unless given. */
export async function placement(
  api: TestApi,
  { device: placed, node: at }: { device: DeviceEntity; node: OrgNodeEntity },
  given: PlacementGiven = {},
): Promise<PlacementEntity> {
  const id = randomUUID();
  const terms = planPlacement({
    from: given.startsAt ?? LONG_AGO,
    to: given.endsAt,
    purpose: given.purpose ?? (given.trial ? 'trial' : 'operation'),
    arm: given.arm,
    trialId: given.trial?.id,
  });
  const row = { id, rootId: at.rootId, deviceId: placed.id, nodeId: at.id, seriesId: given.seriesId ?? id };
  const { from: startsAt, to: endsAt, purpose, arm, trialId } = terms;
  await api.db.manager.insert(PlacementEntity, { ...row, startsAt, endsAt, purpose, arm, trialId });
  return api.db.manager.findOneByOrFail(PlacementEntity, { id });
}

/** A trial owned by a node, with the history of its stage; `participating` nodes may read it. */
export async function trial(
  api: TestApi,
  owner: OrgNodeEntity,
  given: Partial<TrialEntity> & { participating?: OrgNodeEntity[] } = {},
): Promise<TrialEntity> {
  const { participating = [], ...rest } = given;
  const id = rest.id ?? randomUUID();
  const number = next();
  const family: FamilyCode = 'keyless_lock';
  const plan = {
    plannedStartsOn: '2026-01-01',
    plannedEndsOn: '2026-12-31',
    investmentOn: '2026-01-01',
    horizonYears: 4,
    discountRate: 0.03,
  };
  const row = {
    code: `P-2026-${900 + number}`,
    title: `Provning ${number}`,
    family,
    initiativeType: 'project',
    stage: 'running',
    ...plan,
  } as const;
  await api.db.manager.insert(TrialEntity, { ...row, ...rest, id, rootId: owner.rootId, ownerNodeId: owner.id });
  for (const at of participating) await api.db.manager.insert(TrialNodeEntity, { trialId: id, nodeId: at.id });
  await stageHistory(api, { trialId: id, stage: rest.stage ?? 'running' });
  return api.db.manager.findOneByOrFail(TrialEntity, { id });
}

/** From idea to the stage, a day apart, since long ago; a stop or a pause comes straight after the idea. */
async function stageHistory(api: TestApi, { trialId, stage }: { trialId: string; stage: TrialStage }): Promise<void> {
  const way: TrialStage[] = [
    'idea',
    'preparation',
    'approved',
    'running',
    'judgement',
    'procurement',
    'rollout',
    'operation',
    'closed',
  ];
  const stages = way.includes(stage) ? way.slice(0, way.indexOf(stage) + 1) : (['idea', stage] as const);
  for (const [index, reached] of stages.entries()) {
    const at = new Date(LONG_AGO.getTime() + index * 86_400_000);
    await api.db.manager.insert(TrialStageChangeEntity, { trialId, stage: reached, at });
  }
}
