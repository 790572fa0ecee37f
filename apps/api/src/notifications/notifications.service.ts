import type {
  NotificationPreferences,
  notificationsApi,
  NotificationPreferencesView,
  NotificationView,
  RequestOf,
  ResponseOf,
} from '#contracts';
import { NOTIFICATION_KINDS, NOTIFICATION_TERMS, type NotificationKind } from '#domain';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { audit } from '../audit/audit.js';
import type { Config } from '../config.js';
import { grantsValidNow } from '../identity/sessions.service.js';
import type { Person } from '../scope/scope.js';
import { NotInScope } from '../scope/scoped.js';
import { CLOCK, type Clock, CONFIG } from '../settings.js';
import {
  countNotifications,
  countUnread,
  markAllRead,
  markRead,
  type OwnNotification,
  ownNotifications,
  storedPreferences,
  type StoredPreferences,
  storePreferences,
} from './notifications.queries.js';

/** A person's own notifications and how they want to be told; nobody sees another's. */
@Injectable()
export class NotificationsService {
  constructor(
    private readonly db: DataSource,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(
    person: Person,
    page: RequestOf<typeof notificationsApi.list>['query'],
  ): Promise<ResponseOf<typeof notificationsApi.list>> {
    const asOf = this.clock.now().toISOString();
    const [rows, counts] = await Promise.all([
      ownNotifications(this.db.manager, person, page),
      countNotifications(this.db.manager, person),
    ]);
    return { rows: rows.map(viewOf), ...counts, asOf };
  }

  async unread(person: Person): Promise<{ unread: number }> {
    return { unread: await countUnread(this.db.manager, person) };
  }

  async markRead(person: Person, id: string): Promise<void> {
    if (!(await markRead(this.db.manager, person, { id, at: this.clock.now() }))) throw new NotInScope('notification');
  }

  async markAllRead(person: Person, until: Date): Promise<void> {
    await markAllRead(this.db.manager, person, { until, at: this.clock.now() });
  }

  async preferences(person: Person): Promise<NotificationPreferencesView> {
    const stored = await storedPreferences(this.db.manager, person, this.clock.now());
    if (!stored) throw new NotInScope('user account');
    const grants = await grantsValidNow(this.db.manager, person.id);
    const kinds = NOTIFICATION_KINDS.filter((kind) =>
      grants.some(({ role }) => NOTIFICATION_TERMS[kind].roles.includes(role)),
    );
    const { address, zone, demo, stuckSince } = stored;
    const isPossible = this.config.mail !== null && !demo;
    const mail = { isPossible, address, stuckSince: isPossible ? (stuckSince?.toISOString() ?? null) : null };
    return { preferences: preferencesOf(stored), kinds, timeZone: zone, mail };
  }

  /** Holds for what is raised from now on; what waits to be mailed leaves as it was planned. */
  async setPreferences(person: Person, chosen: NotificationPreferences): Promise<NotificationPreferencesView> {
    await this.db.transaction(async (tx) => {
      await storePreferences(tx, person, chosen);
      await audit(tx, person, {
        rootId: person.rootId,
        action: 'notification.preferences',
        subjectKind: 'user',
        subjectId: person.id,
        changes: chosen,
      });
    });
    return this.preferences(person);
  }
}

/** The data were checked when it was raised. */
const viewOf = ({ createdAt, closedAt, readAt, ...row }: OwnNotification): NotificationView =>
  ({
    ...row,
    createdAt: createdAt.toISOString(),
    closedAt: closedAt?.toISOString() ?? null,
    readAt: readAt?.toISOString() ?? null,
  }) as NotificationView;

function preferencesOf(stored: StoredPreferences): NotificationPreferences {
  const { channels, quietFrom, quietTo, digestHour, criticalAtOnce } = stored;
  const channelOf = (kind: NotificationKind) => [kind, channels[kind] ?? NOTIFICATION_TERMS[kind].channels] as const;
  return {
    channels: Object.fromEntries(NOTIFICATION_KINDS.map(channelOf)) as NotificationPreferences['channels'],
    quiet: quietFrom === null || quietTo === null ? null : { fromHour: quietFrom, toHour: quietTo },
    digestHour,
    isCriticalAtOnce: criticalAtOnce,
  };
}
