import type { LivePage } from '#contracts';
import { Injectable, Logger } from '@nestjs/common';
import { cookieValue, SESSION_COOKIE } from '../../identity/cookies.js';
import { scopeFor, SessionsService } from '../../identity/sessions.service.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope } from '../../scope/scoped.js';
import { LiveService } from '../live.service.js';
import type { Viewer } from './viewer.js';

/** Who a viewer is and what it may see, asked anew each time: a session and a grant may end at any moment. */
@Injectable()
export class ViewerAccess {
  private readonly logger = new Logger('Live');

  constructor(
    private readonly sessions: SessionsService,
    private readonly live: LiveService,
  ) {}

  /** Takes the session from the handshake's cookie; throws `not_logged_in` when it permits no live page at all. */
  async logIn(viewer: Viewer): Promise<void> {
    const token = cookieValue(viewer.handshake.headers.cookie, SESSION_COOKIE) ?? '';
    viewer.data = { token, userId: '', pages: new Map() };
    const scope = await this.scopeOf(viewer);
    if (!scope) throw new Error('not_logged_in');
    viewer.data.userId = scope.person.id;
  }

  /** Whether the viewer may see a page. */
  async maySee(viewer: Viewer, page: LivePage): Promise<boolean> {
    const scope = await this.scopeOf(viewer);
    return scope !== null && this.isVisible(scope, page);
  }

  /** Whether the session lasts and the viewer may still see all of its pages; a fault of ours ends nobody. */
  async lasts(viewer: Viewer): Promise<boolean> {
    try {
      const scope = await this.scopeOf(viewer);
      if (!scope) return false;
      const pages = [...viewer.data.pages.values()].filter(({ isCounted }) => isCounted);
      const visible = await Promise.all(pages.map(({ page }) => this.isVisible(scope, page)));
      return visible.every(Boolean);
    } catch (error) {
      this.logger.error(new Error('A viewer’s access could not be checked; tried again later.', { cause: error }));
      return true;
    }
  }

  private async scopeOf(viewer: Viewer): Promise<Scope<'live:read'> | null> {
    const session = await this.sessions.find(viewer.data.token);
    return session && scopeFor('live:read', session);
  }

  private async isVisible(scope: Scope<'live:read'>, page: LivePage): Promise<boolean> {
    try {
      await this.live.assertVisible(scope, page);
      return true;
    } catch (error) {
      if (error instanceof NotInScope) return false;
      throw error;
    }
  }
}
