import type { GrantView } from '#contracts';
import { OrgNodeEntity, type RoleGrantEntity, TrialEntity } from '#database';
import { type EntityManager, In } from 'typeorm';

/** Grants with the names of what they are on. The caller may see the grants, and so the names. */
export async function grantViews(tx: EntityManager, grants: readonly RoleGrantEntity[]): Promise<GrantView[]> {
  const nodes = await tx.findBy(OrgNodeEntity, { id: In(grants.flatMap(({ nodeId }) => nodeId ?? [])) });
  const trials = await tx.findBy(TrialEntity, { id: In(grants.flatMap(({ trialId }) => trialId ?? [])) });
  const names = new Map([
    ...nodes.map((node) => [node.id, node.name] as const),
    ...trials.map((trial) => [trial.id, `${trial.code} ${trial.title}`] as const),
  ]);
  return grants.map(({ id, role, nodeId, trialId, startsAt, endsAt }) => ({
    id,
    role,
    nodeId,
    trialId,
    on: names.get(nodeId ?? trialId ?? '') ?? '',
    startsAt: startsAt.toISOString(),
    endsAt: endsAt?.toISOString() ?? null,
  }));
}
