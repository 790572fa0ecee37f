import { prepared, type RoleGrantEntity, type Statement } from '#database';
import type { EntityManager } from 'typeorm';

/**
 * When a grant `g` holds, of a node `n` whose municipality is `root` (left-joined): at the instant, and while its node is
 * itself valid by the municipality's own date. `now` is SQL.
 */
export const isValidGrant = (now: string): string =>
  `g.starts_at <= ${now} and (g.ends_at is null or g.ends_at > ${now})
    and (n.id is null or n.valid_to is null or n.valid_to > (${now}::timestamptz at time zone root.time_zone)::date)`;

/** What a grant permits, and where. */
export type Grant = Pick<RoleGrantEntity, 'role' | 'nodeId' | 'trialId'>;

/** A session's person with one of the grants that hold; role null = no grant holds. */
interface SessionRow extends Omit<Grant, 'role'> {
  id: string;
  name: string;
  rootId: string;
  lastUsedAt: Date;
  role: Grant['role'] | null;
}

/** Who a session is of. */
export interface SessionOwner extends Omit<SessionRow, keyof Grant> {
  /** Those that hold now, the oldest first. */
  grants: Grant[];
}

/** Every request begins with it: one statement, planned once. */
const SESSION_OF_TOKEN: Statement = {
  name: 'session_of_token',
  text: /* sql */ `
    select u.id, u.name, u.root_id as "rootId", s.last_used_at as "lastUsedAt", held.role, held.node_id as "nodeId",
      held.trial_id as "trialId"
    from web_session s
    join user_account u on u.id = s.user_id
    left join lateral (
      select g.role, g.node_id, g.trial_id, g.created_at
      from role_grant g left join org_node n on n.id = g.node_id left join org_node root on root.id = n.root_id
      where g.user_id = u.id and ${isValidGrant('$2')}
    ) held on true
    where s.token_hash = $1 and s.expires_at > $2 and s.last_used_at > $3 and u.disabled_at is null
    order by held.created_at`,
};

/** Whose session it is and what is granted now; null when it is unknown, expired, idle too long or its account disabled. */
export async function ownerOfSession(
  tx: EntityManager,
  tokenHash: Buffer,
  { now, idleSince }: { now: Date; idleSince: Date },
): Promise<SessionOwner | null> {
  const rows = await prepared<SessionRow>(tx, SESSION_OF_TOKEN, [tokenHash, now, idleSince]);
  if (!rows[0]) return null;
  const { id, name, rootId, lastUsedAt } = rows[0];
  const grants = rows.flatMap(({ role, nodeId, trialId }) => (role ? [{ role, nodeId, trialId }] : []));
  return { id, name, rootId, lastUsedAt, grants };
}
