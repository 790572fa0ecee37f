import type { IncomingMessage } from 'node:http';
import { LivePage, SOCKET_PATH, type WatchAnswer } from '#contracts';
import { Logger, type OnModuleDestroy } from '@nestjs/common';
import {
  type OnGatewayConnection,
  type OnGatewayDisconnect,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { NoticesService } from './notices.service.js';
import { isSameOrigin, type LiveServer, type Viewer, type WatchedPage } from './viewer.js';
import { ViewerAccess } from './viewer-access.js';
import { roomOf, WatchedPages } from './watched-pages.js';

const MOST_PAGES = 10;
const CHECK_EVERY_MS = 30_000;

/**
 * Live pages over socket.io, WebSocket transport only (polling would need sticky sessions). The session's cookie logs in.
 * A page is checked against the person's scope when it is watched, every 30 s, and when the person's access changes.
 */
@WebSocketGateway({
  path: SOCKET_PATH,
  transports: ['websocket'],
  serveClient: false,
  maxHttpBufferSize: 4_096,
  allowRequest: (request: IncomingMessage, decide: (error: string | null, isAllowed: boolean) => void) =>
    decide(null, isSameOrigin(request.headers)),
})
export class LiveGateway implements OnGatewayInit, OnGatewayConnection, OnGatewayDisconnect, OnModuleDestroy {
  private readonly logger = new Logger('Live');
  private readonly viewers = new Set<Viewer>();
  private readonly checking = setInterval(() => void this.check(), CHECK_EVERY_MS);

  constructor(
    private readonly access: ViewerAccess,
    private readonly pages: WatchedPages,
    private readonly notices: NoticesService,
  ) {}

  afterInit(server: LiveServer): void {
    server.use((viewer, next) => {
      this.access.logIn(viewer).then(() => next(), next);
    });
    this.pages.onDelta((delta) => server.to(roomOf(delta.page)).emit('delta', delta));
    this.notices.onAccessChanged((userId) => this.check(({ data }) => data.userId === userId));
  }

  onModuleDestroy(): void {
    clearInterval(this.checking);
  }

  handleConnection(viewer: Viewer): void {
    this.viewers.add(viewer);
  }

  handleDisconnect(viewer: Viewer): void {
    this.viewers.delete(viewer);
    for (const watched of viewer.data.pages.values()) this.leavePage(watched);
    viewer.data.pages.clear();
  }

  @SubscribeMessage('watch')
  async watch(viewer: Viewer, asked: unknown): Promise<WatchAnswer> {
    const { success, data: page } = LivePage.safeParse(asked);
    if (!success) return { ok: false, code: 'invalid' };
    const { pages } = viewer.data;
    if (pages.has(roomOf(page))) return { ok: true, revision: this.pages.revisionOf(page) };
    if (pages.size >= MOST_PAGES) return { ok: false, code: 'too_many' };
    const watched = { page, isCounted: false };
    pages.set(roomOf(page), watched); // at once, so that many asked for together are counted
    const revision = await this.begin(viewer, watched);
    if (revision !== null) return { ok: true, revision };
    if (pages.get(roomOf(page)) === watched) pages.delete(roomOf(page));
    return { ok: false, code: 'not_found' };
  }

  @SubscribeMessage('unwatch')
  async unwatch(viewer: Viewer, asked: unknown): Promise<void> {
    const { success, data: page } = LivePage.safeParse(asked);
    const watched = success ? viewer.data.pages.get(roomOf(page)) : undefined;
    if (!watched) return;
    viewer.data.pages.delete(roomOf(watched.page));
    await viewer.leave(roomOf(watched.page));
    this.leavePage(watched);
  }

  /** Ends the viewers (all, or those meant) whose session has ended or who may no longer see all of their pages. */
  async check(isMeant: (viewer: Viewer) => boolean = () => true): Promise<void> {
    for (const viewer of [...this.viewers].filter(isMeant)) {
      if (await this.access.lasts(viewer)) continue;
      viewer.emit('ended');
      viewer.disconnect(true);
    }
  }

  /** Watches a page that the viewer may see; null when there is none for it, or it has left the page meanwhile. */
  private async begin(viewer: Viewer, watched: WatchedPage): Promise<number | null> {
    const room = roomOf(watched.page);
    try {
      if (!(await this.access.maySee(viewer, watched.page))) return null;
      // Into the room first: a delta before the answer is known by its revision, one missed would be a gap.
      await viewer.join(room);
      const revision = await this.pages.watch(watched.page);
      watched.isCounted = revision !== null;
      if (revision !== null && viewer.data.pages.get(room) === watched) return revision;
    } catch (error) {
      this.logger.error(new Error(`The page ${room} could not be watched.`, { cause: error }));
    }
    this.leavePage(watched);
    await viewer.leave(room);
    return null;
  }

  private leavePage(watched: WatchedPage): void {
    if (watched.isCounted) this.pages.unwatch(watched.page);
    watched.isCounted = false;
  }
}
