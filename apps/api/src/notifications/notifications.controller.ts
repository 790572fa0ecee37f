import { notificationsApi, type RequestOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { Route } from '../http/route.js';
import type { Person } from '../scope/scope.js';
import { NotificationsService } from './notifications.service.js';

@Controller()
export class NotificationsController {
  constructor(private readonly notifications: NotificationsService) {}

  @Route(notificationsApi.list)
  async list(person: Person, { query }: RequestOf<typeof notificationsApi.list>) {
    return this.notifications.list(person, query);
  }

  @Route(notificationsApi.unread)
  async unread(person: Person) {
    return this.notifications.unread(person);
  }

  @Route(notificationsApi.markRead)
  async markRead(person: Person, { params }: RequestOf<typeof notificationsApi.markRead>) {
    await this.notifications.markRead(person, params.id);
  }

  @Route(notificationsApi.markAllRead)
  async markAllRead(person: Person, { body }: RequestOf<typeof notificationsApi.markAllRead>) {
    await this.notifications.markAllRead(person, new Date(body.until));
  }

  @Route(notificationsApi.preferences)
  async preferences(person: Person) {
    return this.notifications.preferences(person);
  }

  @Route(notificationsApi.setPreferences)
  async setPreferences(person: Person, { body }: RequestOf<typeof notificationsApi.setPreferences>) {
    return this.notifications.setPreferences(person, body);
  }
}
