import type { ClientEvents, LivePage, ServerEvents } from '#contracts';
import type { Server, Socket } from 'socket.io';

/** A page that a viewer asked for; counted among the page's viewers once the watch has begun. */
export interface WatchedPage {
  page: LivePage;
  isCounted: boolean;
}

/** What a socket keeps: the session's token it logged in by, whose that is, and its pages by their rooms. */
export interface ViewerState {
  token: string;
  userId: string;
  pages: Map<string, WatchedPage>;
}

/** A connected page in somebody's browser. */
export type Viewer = Socket<ClientEvents, ServerEvents, Record<string, never>, ViewerState>;

export type LiveServer = Server<ClientEvents, ServerEvents, Record<string, never>, ViewerState>;

/** A page opened by the same site sends its origin; anything that is no browser sends none and needs the cookie all the same. */
export function isSameOrigin({ origin, host }: { origin?: string | undefined; host?: string | undefined }): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
