import { NOTIFICATION_KINDS, type NotificationData, type NotificationKind, SEVERITIES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant } from './values.js';

const count = z.number().int();

/** What each kind says besides when and where. */
export const NotificationDetails = {
  device_refused: z.object({ assetTag: z.string(), code: z.string() }),
  lost_device_speaks: z.object({ assetTag: z.string() }),
  device_silent: z.object({ assetTag: z.string(), lastSignalAt: Instant }),
  battery_low: z.object({ assetTag: z.string(), battery: count }),
  canary_silent: z.object({ silentSeconds: count }),
  ingest_degraded: z.object({ weeksAhead: z.number() }),
  job_failed: z.object({ job: z.string(), failing: count }),
} satisfies { [Kind in NotificationKind]: z.ZodType<NotificationData[Kind]> };

const told = {
  id: Id,
  severity: z.enum(SEVERITIES),
  /** The page that it leads to, as a path of the web page. */
  link: z.string(),
  createdAt: Instant,
  /** When the trouble was over; null while it goes on. */
  closedAt: Instant.nullable(),
  readAt: Instant.nullable(),
};
const ofKind = <Kind extends NotificationKind>(kind: Kind) =>
  z.object({ ...told, kind: z.literal(kind), data: NotificationDetails[kind] });

export const NotificationView = z
  .discriminatedUnion('kind', [
    ofKind('device_refused'),
    ofKind('lost_device_speaks'),
    ofKind('device_silent'),
    ofKind('battery_low'),
    ofKind('canary_silent'),
    ofKind('ingest_degraded'),
    ofKind('job_failed'),
  ])
  .meta({ id: 'Notification' });
export type NotificationView = z.output<typeof NotificationView>;

const Hour = z.number().int().min(0).max(23);

/** How you want to be told. Hours are whole and in the municipality's zone. */
export const NotificationPreferences = z
  .object({
    channels: z.record(z.enum(NOTIFICATION_KINDS), z.object({ app: z.boolean(), email: z.boolean() })),
    quiet: z
      .object({ fromHour: Hour, toHour: Hour })
      .refine(({ fromHour, toHour }) => fromHour !== toHour, { message: 'must not begin and end at the same hour' })
      .nullable(),
    /** One mail a day at this hour; null: at once. */
    digestHour: Hour.nullable(),
    /** What is critical waits neither for the quiet hours' end nor for the daily mail. */
    isCriticalAtOnce: z.boolean(),
  })
  .meta({ id: 'NotificationPreferences' });
export type NotificationPreferences = z.output<typeof NotificationPreferences>;

export const NotificationPreferencesView = z
  .object({
    preferences: NotificationPreferences,
    /** The kinds that your roles can receive. */
    kinds: z.array(z.enum(NOTIFICATION_KINDS)),
    timeZone: z.string(),
    mail: z.object({
      /** Whether this installation can send mail, and may to this account. */
      isPossible: z.boolean(),
      address: z.string(),
      /** Since when a mail to you that should have left has not been taken by the mail server. */
      stuckSince: Instant.nullable(),
    }),
  })
  .meta({ id: 'NotificationPreferencesView' });
export type NotificationPreferencesView = z.output<typeof NotificationPreferencesView>;

export const notificationsApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/notifications',
    access: 'authenticated',
    summary: 'Your own notifications, unread first, then newest first',
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(50),
      offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
    }),
    response: z.object({ rows: z.array(NotificationView), total: count, unread: count, asOf: Instant }),
  }),
  unread: endpoint({
    method: 'GET',
    path: '/api/notifications/unread',
    access: 'authenticated',
    summary: 'How many of your notifications are unread',
    response: z.object({ unread: count }),
  }),
  markRead: endpoint({
    method: 'POST',
    path: '/api/notifications/:id/read',
    access: 'authenticated',
    summary: 'You have read it; again changes nothing',
    params: ById,
  }),
  markAllRead: endpoint({
    method: 'POST',
    path: '/api/notifications/read',
    access: 'authenticated',
    summary: 'You have read all that came until then',
    body: z.object({ until: Instant }),
  }),
  preferences: endpoint({
    method: 'GET',
    path: '/api/notifications/preferences',
    access: 'authenticated',
    summary: 'How you are told of what',
    response: NotificationPreferencesView,
  }),
  setPreferences: endpoint({
    method: 'PUT',
    path: '/api/notifications/preferences',
    access: 'authenticated',
    summary: 'Choose how you are told of what',
    body: NotificationPreferences,
    response: NotificationPreferencesView,
  }),
};
