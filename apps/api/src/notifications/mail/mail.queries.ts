import { NOTIFICATION_KINDS } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Addressee, Told } from './compose-mail.js';

/** Any number: the class of the locks under which one person's mails are sent. */
const MAIL_CLASS = 7_428_343;

/**
 * One process at a time mails a person, until the transaction ends; another then finds what has been sent. A lock of its
 * own, since the rows themselves must stay free: who reads a notification in the pages meanwhile does not wait for a mail
 * server.
 */
export async function lockMailsOf(tx: EntityManager, userId: string): Promise<void> {
  await tx.query(/* sql */ `select pg_advisory_xact_lock($1::int, hashtext($2))`, [MAIL_CLASS, userId]);
}

/** Where a person is mailed; null for a closed account, a demo's, and one whose invitation is not accepted. */
export async function addresseeOf(tx: EntityManager, userId: string): Promise<Addressee | null> {
  const [row] = await tx.query<Addressee[]>(
    /* sql */ `select u.id, u.name, u.email as address, u.locale, root.time_zone as zone
    from user_account u join org_node root on root.id = u.root_id
    where u.id = $1 and u.disabled_at is null and u.password_hash is not null and not root.demo`,
    [userId],
  );
  return row ?? null;
}

/** A notification that is due to be mailed. */
export interface Due extends Told {
  /** Read in the pages, over, or without words here: it need not be mailed any more. */
  isNeedless: boolean;
}

/** What is due to a person by then and has not been mailed, the gravest first. */
export async function dueMails(tx: EntityManager, userId: string, by: Date): Promise<Due[]> {
  return tx.query(
    /* sql */ `select n.id, n.kind, n.data, n.link, n.created_at as "createdAt",
      (r.read_at is not null or n.closed_at is not null or not n.kind = any($3::text[])) as "isNeedless"
    from notification_recipient r join notification n on n.id = r.notification_id
    where r.user_id = $1 and r.mail_due_at <= $2 and r.mailed_at is null
    order by array_position(array['critical', 'warning', 'info'], n.severity), n.created_at, n.id`,
    [userId, by, NOTIFICATION_KINDS],
  );
}

/** Notes what was mailed at `at`, and what need not be. */
export async function noteMailed(
  tx: EntityManager,
  userId: string,
  { sent, needless, at }: { sent: readonly string[]; needless: readonly string[]; at: Date },
): Promise<void> {
  await tx.query(
    /* sql */ `update notification_recipient set
      mailed_at = case when notification_id = any($2::uuid[]) then $4::timestamptz end,
      mail_due_at = case when notification_id = any($2::uuid[]) then mail_due_at end
    where user_id = $1 and (notification_id = any($2::uuid[]) or notification_id = any($3::uuid[]))`,
    [userId, sent, needless, at],
  );
}
