import { createHash, randomBytes } from 'node:crypto';
import { OrgNodeEntity, RoleGrantEntity, WebSessionEntity } from '#database';
import { type Permission, permissionsOf, type Role } from '#domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, LessThan, Not } from 'typeorm';
import type { Config } from '../config.js';
import { grantScope, type Person, type Scope } from '../scope/scope.js';
import { CONFIG } from '../settings.js';
import { mayBeUsedHere } from './demo-accounts.js';
import { LogInRefused } from './refusals.js';
import { type Grant, isValidGrant, ownerOfSession } from './sessions.queries.js';

/** A session ends after this long without use, and in any case after the longest time. */
export const SESSION_IDLE_HOURS = 12;
export const SESSION_LONGEST_DAYS = 7;
const HOUR_MS = 3_600_000;

/** A valid session: who it is, and the grants that are valid at this moment. */
export interface Session {
  tokenHash: Buffer;
  person: Person;
  grants: readonly Grant[];
}

/** 256 random bits for a cookie or a link; only its hash is stored. */
export const newToken = (): string => randomBytes(32).toString('base64url');
export const hashToken = (token: string): Buffer => createHash('sha256').update(token).digest();

@Injectable()
export class SessionsService {
  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Opens a session and answers the token for the cookie; the person's expired ones are swept away with it. */
  async open(tx: EntityManager, userId: string, userAgent: string | null): Promise<string> {
    const token = newToken();
    const expiresAt = new Date(Date.now() + SESSION_LONGEST_DAYS * 24 * HOUR_MS);
    await tx.delete(WebSessionEntity, { userId, expiresAt: LessThan(new Date()) });
    await tx.insert(WebSessionEntity, {
      tokenHash: hashToken(token),
      userId,
      expiresAt,
      userAgent: userAgent?.slice(0, 300) ?? null,
    });
    return token;
  }

  /** The session of a cookie's token, or null when it is unknown, expired, idle too long or its account is disabled. */
  async find(token: string): Promise<Session | null> {
    const tx = this.db.manager;
    const tokenHash = hashToken(token);
    const idleSince = new Date(Date.now() - SESSION_IDLE_HOURS * HOUR_MS);
    const owner = await ownerOfSession(tx, tokenHash, { now: new Date(), idleSince });
    if (!owner || !(await mayBeUsedHere(tx, owner.rootId, this.config))) return null;
    await this.touch(tokenHash, owner.lastUsedAt);
    const { id, name, rootId, grants } = owner;
    return { tokenHash, person: { id, name, rootId }, grants };
  }

  /** Throws LogInRefused for an account of a demo while others than this machine can reach the server (rule K4). */
  async assertUsableHere(tx: EntityManager, rootId: string): Promise<void> {
    if (!(await mayBeUsedHere(tx, rootId, this.config))) throw new LogInRefused('demo_only_locally');
  }

  /** Ends one session. */
  async close(tx: EntityManager, tokenHash: Buffer): Promise<void> {
    await tx.delete(WebSessionEntity, { tokenHash });
  }

  /** Ends every session of a person, but for the one named. */
  async closeAll(tx: EntityManager, userId: string, except?: Buffer): Promise<void> {
    await tx.delete(WebSessionEntity, { userId, ...(except ? { tokenHash: Not(except) } : {}) });
  }

  /** At most one write a minute per session. */
  private async touch(tokenHash: Buffer, lastUsedAt: Date): Promise<void> {
    if (Date.now() - lastUsedAt.getTime() < 60_000) return;
    await this.db.manager.update(WebSessionEntity, { tokenHash }, { lastUsedAt: new Date() });
  }
}

/** Grants valid at this moment, on nodes that are themselves still valid by the municipality's own date. */
export function grantsValidNow(tx: EntityManager, userId: string): Promise<RoleGrantEntity[]> {
  const now = new Date(); // not the transaction's: what it has just begun or ended counts
  return tx
    .createQueryBuilder(RoleGrantEntity, 'g')
    .leftJoin(OrgNodeEntity, 'n', 'n.id = g.node_id')
    .leftJoin(OrgNodeEntity, 'root', 'root.id = n.root_id')
    .where(`g.user_id = :userId and ${isValidGrant(':now')}`, { userId, now })
    .orderBy('g.created_at')
    .getMany();
}

/** The scope of one permission, or null when no valid grant gives it. */
export function scopeFor<P extends Permission>(
  permission: P,
  session: Pick<Session, 'person' | 'grants'>,
): Scope<P> | null {
  const giving = session.grants.filter((grant) => permissionsOf(grant.role).includes(permission));
  if (giving.length === 0) return null;
  const roles: Role[] = [...new Set(giving.map((grant) => grant.role))];
  const nodeIds = giving.flatMap((grant) => grant.nodeId ?? []);
  const trialIds = giving.flatMap((grant) => grant.trialId ?? []);
  return grantScope({ permission, person: session.person, roles, nodeIds, trialIds });
}
