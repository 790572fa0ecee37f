import { OneTimeLinkEntity, type UserAccountEntity } from '#database';
import { type EntityManager, IsNull } from 'typeorm';
import { hashToken, newToken } from './sessions.service.js';

/** An invitation is for who has no password yet; everybody else chooses another. */
export const linkKindOf = ({
  passwordHash,
}: Pick<UserAccountEntity, 'passwordHash'>): 'invitation' | 'password_reset' =>
  passwordHash === null ? 'invitation' : 'password_reset';

interface NewLink {
  user: UserAccountEntity;
  createdBy: string;
  expiresAt: Date;
}

/** Takes a person's unused links away. */
export async function withdrawLinks(tx: EntityManager, userId: string): Promise<void> {
  await tx.delete(OneTimeLinkEntity, { userId, usedAt: IsNull() });
}

/** Gives a person a new link in place of any before, and answers its token, of which only the hash is kept. */
export async function makeLink(tx: EntityManager, { user, createdBy, expiresAt }: NewLink): Promise<string> {
  const token = newToken();
  await withdrawLinks(tx, user.id);
  const link = { tokenHash: hashToken(token), kind: linkKindOf(user), userId: user.id, createdBy, expiresAt } as const;
  await tx.insert(OneTimeLinkEntity, link);
  return token;
}
