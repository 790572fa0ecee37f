import { randomUUID } from 'node:crypto';
import { OrgNodeEntity, UserAccountEntity } from '#database';
import type { JobHandler } from '../jobs/job.js';
import { composeLinkMail } from '../notifications/mail/compose-mail.js';
import { Mailer } from '../notifications/mail/mailer.service.js';
import { linkAddress } from './link-address.js';
import { linkKindOf, makeLink } from './personal-link.js';

/** What a waiting mail with a person's link is known by: a newer one replaces it, and closing the account takes it back. */
export const linkJobKey = (userId: string): string => `link/${userId}`;

/**
 * Mails a person their link. The link is made here, so that its token never lies in the database; each attempt makes a
 * new one and ends the one before, so of two mails after a crash the later works.
 */
export const mailLink: JobHandler<'identity.mail_link'> = async (payload, { db, get, signal }) => {
  const { userId, createdById: createdBy } = payload;
  const expiresAt = new Date(payload.expiresAt);
  if (expiresAt <= new Date()) return;
  const made = await db.transaction(async (tx) => {
    const user = await tx.findOne(UserAccountEntity, { where: { id: userId }, lock: { mode: 'pessimistic_write' } });
    if (!user || user.disabledAt) return null;
    const root = await tx.findOneByOrFail(OrgNodeEntity, { id: user.rootId });
    const kind = linkKindOf(user);
    return { user, root, kind, token: await makeLink(tx, { user, createdBy, expiresAt }) };
  });
  if (!made) return;
  const { user, root, kind, token } = made;
  const mailer = get(Mailer);
  const to = {
    id: user.id,
    name: user.name,
    address: user.email,
    locale: user.locale,
    zone: root.timeZone ?? 'Europe/Stockholm',
  };
  const address = linkAddress({ publicUrl: mailer.addressOf('') }, token);
  // Each attempt's link is another one, so a repeat is another mail too.
  const messageKey = `${randomUUID()}.${user.id}`;
  await mailer.send(composeLinkMail(to, { kind, municipality: root.name, address, expiresAt, messageKey }), signal);
};
