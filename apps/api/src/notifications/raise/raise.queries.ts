import { SETTLE, type SettledKind } from '#database';
import { NOTIFICATION_TERMS, type NotificationKind, type Severity } from '#domain';
import type { EntityManager } from 'typeorm';

/** What a notification is about; people are told by their roles there. `deviceKey` is the device's name in usage tables. */
export type Subject =
  { device: string } | { deviceKey: number } | { trial: string } | { node: string } | 'installation';

/** A subject as it is stored. */
export interface Place {
  rootId: string | null;
  nodeId: string | null;
  trialId: string | null;
  subjectKind: string | null;
  subjectId: string | null;
  link: string;
  /** Of a device. */
  assetTag: string | null;
}

const INSTALLATION: Place = {
  rootId: null,
  nodeId: null,
  trialId: null,
  subjectKind: null,
  subjectId: null,
  link: '/',
  assetTag: null,
};

const DEVICE = /* sql */ `select root_id as "rootId", owner_node_id as "nodeId", null as "trialId", 'device' as "subjectKind",
  id::text as "subjectId", '/devices/' || id as link, asset_tag as "assetTag" from device`;
const TRIAL = /* sql */ `select root_id as "rootId", owner_node_id as "nodeId", id as "trialId", 'trial' as "subjectKind",
  id::text as "subjectId", '/trials/' || id as link, null as "assetTag" from trial`;
const NODE = /* sql */ `select root_id as "rootId", id as "nodeId", null as "trialId", 'node' as "subjectKind",
  id::text as "subjectId", '/units/' || id as link, null as "assetTag" from org_node`;

/** Where a subject stands now; null when it has gone. */
export async function placeOf(tx: EntityManager, subject: Subject): Promise<Place | null> {
  if (subject === 'installation') return INSTALLATION;
  const [sql, value] = sqlOf(subject);
  const [row] = await tx.query<Place[]>(sql, [value]);
  return row ?? null;
}

function sqlOf(subject: Exclude<Subject, 'installation'>): [sql: string, value: string | number] {
  if ('device' in subject) return [`${DEVICE} where id = $1::uuid`, subject.device];
  if ('deviceKey' in subject) return [`${DEVICE} where key = $1::int`, subject.deviceKey];
  if ('trial' in subject) return [`${TRIAL} where id = $1::uuid`, subject.trial];
  return [`${NODE} where id = $1::uuid`, subject.node];
}

/** A notification to be opened. */
export interface Opening extends Omit<Place, 'assetTag'> {
  id: string;
  kind: NotificationKind;
  data: object;
  dedupeKey: string;
  createdAt: Date;
}

/** Whether it is now open under this id; false when one of its kind and key is open already. */
export async function openNotification(tx: EntityManager, opening: Opening): Promise<boolean> {
  const { id, rootId, nodeId, trialId, subjectKind, subjectId, link, kind, data, dedupeKey, createdAt } = opening;
  const rows = await tx.query<unknown[]>(
    /* sql */ `insert into notification
      (id, root_id, node_id, trial_id, subject_kind, subject_id, link, kind, severity, data, dedupe_key, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (kind, dedupe_key) where closed_at is null do nothing returning id`,
    [
      ...[id, rootId, nodeId, trialId, subjectKind, subjectId, link],
      ...[kind, NOTIFICATION_TERMS[kind].severity, JSON.stringify(data), dedupeKey, createdAt],
    ],
  );
  return rows.length > 0;
}

/** The trouble is over; nothing happens when none is open. */
export async function closeNotification(
  tx: EntityManager,
  kind: NotificationKind,
  { dedupeKey, at }: { dedupeKey: string; at: Date },
): Promise<void> {
  await tx.query(
    /* sql */ `update notification set closed_at = $3 where kind = $1 and dedupe_key = $2 and closed_at is null`,
    [kind, dedupeKey, at],
  );
}

/** The troubles of a kind are over, but for those of these keys. */
export async function closeOthers(
  tx: EntityManager,
  kind: NotificationKind,
  { keys, at }: { keys: readonly string[]; at: Date },
): Promise<void> {
  await tx.query(
    /* sql */ `update notification set closed_at = $3
    where kind = $1 and closed_at is null and not dedupe_key = any($2::text[])`,
    [kind, keys, at],
  );
}

/** Opens and closes the notifications of a kind by what the database shows now; answers the ids of the opened. */
export async function settle(tx: EntityManager, kind: SettledKind, now: Date): Promise<string[]> {
  const rows = await tx.query<{ id: string }[]>(SETTLE[kind].text, [now]);
  return rows.map(({ id }) => id);
}

/** People who are to be mailed about notifications of one severity, with how they want mail. */
export interface MailGroup {
  userId: string;
  severity: Severity;
  zone: string;
  quietFrom: number | null;
  quietTo: number | null;
  digestHour: number | null;
  criticalAtOnce: boolean;
}

const TERMS = JSON.stringify(
  Object.entries(NOTIFICATION_TERMS).map(([kind, { roles, channels }]) => ({ kind, roles, ...channels })),
);

/**
 * Says who is told of notifications: by the roles that hold now on the node, above it or on the trial, in the channels
 * that each person has chosen. Mail is due at once until {@link deferMails} says otherwise; answers whom it goes to. A
 * demo's accounts and people who have not accepted their invitation are never mailed.
 */
export async function addRecipients(
  tx: EntityManager,
  ids: readonly string[],
  { now, mayMail }: { now: Date; mayMail: boolean },
): Promise<MailGroup[]> {
  return tx.query(
    /* sql */ `with told as materialized (
      select id, severity, kind, node_id, trial_id,
        kind || '/' || coalesce(node_id::text, '') || '/' || coalesce(trial_id::text, '') as place
      from notification where id = any($1::uuid[])
    ),
    place as (select distinct place, kind, node_id, trial_id from told),
    person as materialized (
      select distinct place.place, u.id as user_id,
        coalesce((pref.channels -> place.kind ->> 'app')::boolean, terms.app) as in_app,
        $4::boolean and u.password_hash is not null and not root.demo
          and coalesce((pref.channels -> place.kind ->> 'email')::boolean, terms.email) as by_mail
      from place
      join jsonb_to_recordset($2::jsonb) as terms(kind text, roles jsonb, app boolean, email boolean)
        on terms.kind = place.kind
      left join org_node about on about.id = place.node_id
      join role_grant g on terms.roles ? g.role and g.starts_at <= $3 and (g.ends_at is null or g.ends_at > $3)
      left join org_node granted on granted.id = g.node_id
      join user_account u on u.id = g.user_id and u.disabled_at is null
      join org_node root on root.id = u.root_id
      left join notification_preference pref on pref.user_id = u.id
      where case when about.id is null then granted.kind = 'municipality'
          else granted.id = any(about.path) or g.trial_id = place.trial_id end
        and (granted.valid_to is null or granted.valid_to > ($3::timestamptz at time zone root.time_zone)::date)
    ),
    added as (
      insert into notification_recipient (user_id, notification_id, in_app, created_at, mail_due_at)
      select p.user_id, t.id, p.in_app, $3, case when p.by_mail then $3::timestamptz end
      from told t join person p on p.place = t.place
      where p.in_app or p.by_mail
      on conflict do nothing
      returning user_id, notification_id, mail_due_at
    )
    select distinct a.user_id as "userId", t.severity, root.time_zone as zone, pref.quiet_from as "quietFrom",
      pref.quiet_to as "quietTo", pref.digest_hour as "digestHour",
      coalesce(pref.critical_at_once, false) as "criticalAtOnce"
    from added a
    join told t on t.id = a.notification_id
    join user_account u on u.id = a.user_id
    join org_node root on root.id = u.root_id
    left join notification_preference pref on pref.user_id = u.id
    where a.mail_due_at is not null`,
    [ids, TERMS, now, mayMail],
  );
}

/** When a group's mail is to leave. */
export interface Deferral extends Pick<MailGroup, 'userId' | 'severity'> {
  dueAt: Date;
}

export async function deferMails(
  tx: EntityManager,
  ids: readonly string[],
  deferrals: readonly Deferral[],
): Promise<void> {
  await tx.query(
    /* sql */ `update notification_recipient r set mail_due_at = d.due_at
    from unnest($2::uuid[], $3::text[], $4::timestamptz[]) as d(user_id, severity, due_at)
    join notification n on n.severity = d.severity and n.id = any($1::uuid[])
    where r.user_id = d.user_id and r.notification_id = n.id and r.mail_due_at is not null`,
    [
      ids,
      deferrals.map(({ userId }) => userId),
      deferrals.map(({ severity }) => severity),
      deferrals.map(({ dueAt }) => dueAt),
    ],
  );
}

/** Removes a municipality's notifications (and the installation's) that were over before `until`. */
export async function forgetNotifications(
  tx: EntityManager,
  { rootId, until }: { rootId: string; until: Date },
): Promise<void> {
  await tx.query(/* sql */ `delete from notification where closed_at < $2 and (root_id = $1 or root_id is null)`, [
    rootId,
    until,
  ]);
}
