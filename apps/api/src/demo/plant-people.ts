import { randomUUIDv7 } from 'node:crypto';
import { OrgNodeEntity, RoleGrantEntity, UserAccountEntity } from '#database';
import { addDays, assertChildKind, DEFAULT_TIME_ZONE, localDay, type Permission, type Role } from '#domain';
import type { EntityManager } from 'typeorm';
import { audit } from '../audit/audit.js';
import { hashPassword } from '../identity/passwords.js';
import { grantScope, type Person, type Scope } from '../scope/scope.js';
import { DEMO_NODES } from './demo-nodes.js';
import { DEMO_PASSWORD, type DemoPerson } from './demo-people.js';

const ACTOR = { id: null, name: 'Demo' };
const DAYS_BACK = 365;

/** The demo's nodes by their keys. */
export type Nodes = ReadonlyMap<string, OrgNodeEntity>;

/** The value of a key of the demo's own plan. */
export function known<T>(things: ReadonlyMap<string, T>, key: string): T {
  const thing = things.get(key);
  if (thing === undefined) throw new Error(`The demo's plan names ${key}, which it does not hold.`);
  return thing;
}

/** Adds the municipality, flagged as a demo (rule K4), with its tree. */
export async function plantNodes(tx: EntityManager): Promise<Nodes> {
  const nodes = new Map<string, OrgNodeEntity>();
  const validFrom = addDays(localDay(Date.now(), DEFAULT_TIME_ZONE), -DAYS_BACK);
  for (const { key, under, kind, name } of DEMO_NODES) {
    const parent = under === null ? null : known(nodes, under);
    assertChildKind(parent?.kind ?? null, kind);
    const row = { ...placeUnder(parent), kind, name, validFrom };
    await tx.insert(OrgNodeEntity, row);
    nodes.set(key, await tx.findOneByOrFail(OrgNodeEntity, { id: row.id }));
  }
  const { id, name } = known(nodes, 'municipality');
  await audit(tx, ACTOR, { rootId: id, action: 'demo.seed', subjectKind: 'node', subjectId: id, changes: { name } });
  return nodes;
}

type Placed = Pick<OrgNodeEntity, 'id' | 'rootId' | 'parentId' | 'path' | 'timeZone' | 'demo'>;

function placeUnder(parent: OrgNodeEntity | null): Placed {
  const id = randomUUIDv7();
  if (!parent) return { id, rootId: id, parentId: null, path: [id], timeZone: DEFAULT_TIME_ZONE, demo: true };
  return { id, rootId: parent.rootId, parentId: parent.id, path: [...parent.path, id], timeZone: null, demo: false };
}

/** Adds an account with the demo's password and one role, on a node or a trial. */
export async function plantPerson(
  tx: EntityManager,
  rootId: string,
  { person, on }: { person: DemoPerson; on: { nodeId: string } | { trialId: string } },
): Promise<Person> {
  const { email, name, role } = person;
  const id = randomUUIDv7();
  await tx.insert(UserAccountEntity, { id, rootId, email, name, passwordHash: await hashPassword(DEMO_PASSWORD) });
  const startsAt = new Date(Date.now() - DAYS_BACK * 86_400_000);
  await tx.insert(RoleGrantEntity, { id: randomUUIDv7(), userId: id, role, startsAt, ...on });
  await audit(tx, ACTOR, { rootId, action: 'user.seed', subjectKind: 'user', subjectId: id, changes: { email, role } });
  return { id, name, rootId };
}

/** What a person of the demo may do at a node by their role: as if they had logged in. */
export const scopeAt = <P extends Permission>(
  permission: P,
  given: { person: Person; role: Role; nodeId: string },
): Scope<P> =>
  grantScope({ permission, person: given.person, roles: [given.role], nodeIds: [given.nodeId], trialIds: [] });
