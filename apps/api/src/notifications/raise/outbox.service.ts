import { randomUUID } from 'node:crypto';
import { mailDueAt, type NotificationData, type NotificationKind } from '#domain';
import type { SettledKind } from '#database';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Config } from '../../config.js';
import { type Enqueued, enqueueAll } from '../../jobs/jobs.queries.js';
import { CLOCK, type Clock, CONFIG } from '../../settings.js';
import {
  addRecipients,
  closeNotification,
  closeOthers,
  deferMails,
  type MailGroup,
  openNotification,
  placeOf,
  settle,
  type Subject,
} from './raise.queries.js';

/** What happened. The key tells this trouble from others of its kind: while it lasts, raising it again changes nothing. */
export interface Raising<Kind extends NotificationKind> {
  kind: Kind;
  about: Subject;
  data: NotificationData[Kind];
  dedupeKey: string;
  /** Where it leads, as a path of the web page; the subject's own page unless given. */
  link?: string;
}

/**
 * Notifications, in the caller's own transaction. A trouble is told once, from `raise` to `close`; after it is closed it
 * may be raised again. Who is told is settled when it is raised: by their roles at that moment.
 */
@Injectable()
export class Outbox {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Tells those whom it concerns, unless it is told already or its subject has gone. */
  async raise<Kind extends NotificationKind>(tx: EntityManager, raising: Raising<Kind>): Promise<void> {
    const place = await placeOf(tx, raising.about);
    if (!place) return;
    const { kind, data, dedupeKey, link = place.link } = raising;
    const id = randomUUID();
    const createdAt = this.clock.now();
    if (await openNotification(tx, { ...place, id, kind, data, dedupeKey, link, createdAt })) await this.tell(tx, [id]);
  }

  /** The trouble is over. Its notification stays to be read, marked so. */
  async close(tx: EntityManager, kind: NotificationKind, dedupeKey: string): Promise<void> {
    await closeNotification(tx, kind, { dedupeKey, at: this.clock.now() });
  }

  /** Every trouble of the kind is over but those of these keys. */
  async closeOthers(tx: EntityManager, kind: NotificationKind, keys: readonly string[]): Promise<void> {
    await closeOthers(tx, kind, { keys, at: this.clock.now() });
  }

  /** Opens and closes the notifications of a kind by what the database shows, in as many statements for one as for all. */
  async settle(tx: EntityManager, kind: SettledKind): Promise<void> {
    await this.tell(tx, await settle(tx, kind, this.clock.now()));
  }

  private async tell(tx: EntityManager, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const now = this.clock.now();
    const groups = await addRecipients(tx, ids, { now, mayMail: this.config.mail !== null });
    const mails = groups.map((group) => ({ ...group, dueAt: dueOf(group, now) }));
    const deferred = mails.filter(({ dueAt }) => dueAt > now);
    if (deferred.length > 0) await deferMails(tx, ids, deferred);
    await enqueueAll(
      tx,
      'notifications.mail',
      mails.map(({ userId, dueAt }) => mailJob(userId, dueAt, now)),
    );
  }
}

function mailJob(userId: string, dueAt: Date, now: Date): Enqueued<'notifications.mail'> {
  const payload = { userId, dueAt: dueAt.toISOString() };
  const later = dueAt > now ? { runAt: dueAt } : {};
  return { payload, jobKey: `mail/${userId}/${payload.dueAt}`, ...later };
}

function dueOf({ severity, zone, quietFrom, quietTo, digestHour, criticalAtOnce }: MailGroup, now: Date): Date {
  const quiet = quietFrom === null || quietTo === null ? null : { fromHour: quietFrom, toHour: quietTo };
  const terms = { zone, quiet, digestHour, isCriticalAtOnce: criticalAtOnce };
  return new Date(mailDueAt(now.getTime(), severity, terms));
}
