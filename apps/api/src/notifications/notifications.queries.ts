import type { NotificationPreferences } from '#contracts';
import { NOTIFICATION_KINDS, type NotificationChannels, type NotificationKind, type Severity } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Person } from '../scope/scope.js';

/** A person's notification as stored. */
export interface OwnNotification {
  id: string;
  kind: NotificationKind;
  severity: Severity;
  data: object;
  link: string;
  createdAt: Date;
  closedAt: Date | null;
  readAt: Date | null;
}

/** Kinds that a later version wrote, or an earlier one, have no words here. */
const SHOWN = `r.user_id = $1 and r.in_app and n.kind = any($2::text[])`;

/** A person's own notifications, unread first, then newest first. */
export async function ownNotifications(
  tx: EntityManager,
  person: Person,
  { limit, offset }: { limit: number; offset: number },
): Promise<OwnNotification[]> {
  return tx.query(
    /* sql */ `select n.id, n.kind, n.severity, n.data, n.link, n.created_at as "createdAt", n.closed_at as "closedAt",
      r.read_at as "readAt"
    from notification_recipient r join notification n on n.id = r.notification_id
    where ${SHOWN}
    order by r.read_at is not null, r.created_at desc, n.id limit $3 offset $4`,
    [person.id, NOTIFICATION_KINDS, limit, offset],
  );
}

/** How many a person has, and how many of them are unread. */
export async function countNotifications(
  tx: EntityManager,
  person: Person,
): Promise<{ total: number; unread: number }> {
  const [row] = await tx.query<{ total: number; unread: number }[]>(
    /* sql */ `select count(*)::int as total, (count(*) filter (where r.read_at is null))::int as unread
    from notification_recipient r join notification n on n.id = r.notification_id where ${SHOWN}`,
    [person.id, NOTIFICATION_KINDS],
  );
  return row ?? { total: 0, unread: 0 };
}

/** How many of a person's are unread; asked for by every open page, so it reads the unread alone. */
export async function countUnread(tx: EntityManager, person: Person): Promise<number> {
  const [row] = await tx.query<{ unread: number }[]>(
    /* sql */ `select count(*)::int as unread
    from notification_recipient r join notification n on n.id = r.notification_id where ${SHOWN} and r.read_at is null`,
    [person.id, NOTIFICATION_KINDS],
  );
  return row?.unread ?? 0;
}

/** Whether the person has that notification; it is read from `at` on, unless it was before. */
export async function markRead(
  tx: EntityManager,
  person: Person,
  { id, at }: { id: string; at: Date },
): Promise<boolean> {
  const [, affected] = await tx.query<[unknown, number]>(
    /* sql */ `update notification_recipient set read_at = coalesce(read_at, $3)
    where user_id = $1 and notification_id = $2 and in_app`,
    [person.id, id, at],
  );
  return affected > 0;
}

export async function markAllRead(
  tx: EntityManager,
  person: Person,
  { until, at }: { until: Date; at: Date },
): Promise<void> {
  await tx.query(
    /* sql */ `update notification_recipient set read_at = $3
    where user_id = $1 and in_app and read_at is null and created_at <= $2`,
    [person.id, until, at],
  );
}

/** How a person is told, as chosen; nulls and absent channels until they chose. */
export interface StoredPreferences {
  channels: Partial<Record<NotificationKind, NotificationChannels>>;
  quietFrom: number | null;
  quietTo: number | null;
  digestHour: number | null;
  criticalAtOnce: boolean;
  address: string;
  zone: string;
  demo: boolean;
  /** The earliest mail that should have left more than five minutes ago. */
  stuckSince: Date | null;
}

export async function storedPreferences(
  tx: EntityManager,
  person: Person,
  now: Date,
): Promise<StoredPreferences | null> {
  const [row] = await tx.query<StoredPreferences[]>(
    /* sql */ `select coalesce(p.channels, '{}') as channels, p.quiet_from as "quietFrom", p.quiet_to as "quietTo",
      p.digest_hour as "digestHour", coalesce(p.critical_at_once, false) as "criticalAtOnce", u.email as address,
      root.time_zone as zone, root.demo,
      (select min(r.mail_due_at) from notification_recipient r
        where r.user_id = u.id and r.mailed_at is null and r.mail_due_at < $2::timestamptz - interval '5 minutes') as "stuckSince"
    from user_account u
    join org_node root on root.id = u.root_id
    left join notification_preference p on p.user_id = u.id
    where u.id = $1`,
    [person.id, now],
  );
  return row ?? null;
}

export async function storePreferences(
  tx: EntityManager,
  person: Person,
  { channels, quiet, digestHour, isCriticalAtOnce }: NotificationPreferences,
): Promise<void> {
  await tx.query(
    /* sql */ `insert into notification_preference (user_id, channels, quiet_from, quiet_to, digest_hour, critical_at_once)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (user_id) do update set channels = excluded.channels, quiet_from = excluded.quiet_from,
      quiet_to = excluded.quiet_to, digest_hour = excluded.digest_hour, critical_at_once = excluded.critical_at_once`,
    [
      ...[person.id, JSON.stringify(channels), quiet?.fromHour ?? null, quiet?.toHour ?? null],
      ...[digestHour, isCriticalAtOnce],
    ],
  );
}
