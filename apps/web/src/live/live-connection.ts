import { SOCKET_PATH, type ClientEvents, type LiveDelta, type LivePage, type ServerEvents } from '#contracts';
import type { QueryClient } from '@tanstack/react-query';
import { io, type Socket } from 'socket.io-client';
import { applyDeltas, type LiveView } from './apply-deltas.js';
import { keyOf } from './live-key.js';

/** Deltas are drawn at most this often, the first one at once: a page that redraws at every message costs six times the script time. */
const BATCH_MS = 100;
const RECONNECT_MAX_MS = 5_000;

/** One connection for the page, open while somebody watches; polling is off, since it would need sticky sessions. */
const socket: Socket<ServerEvents, ClientEvents> = io({
  path: SOCKET_PATH,
  transports: ['websocket'],
  reconnectionDelayMax: RECONNECT_MAX_MS,
  autoConnect: false,
});

/** Keeps one page's snapshot fresh: gathers its deltas and puts them into the cache in batches. */
class Watch {
  private waiting: LiveDelta[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private drawnAt = 0;

  constructor(
    private readonly page: LivePage,
    private readonly queryClient: QueryClient,
    private readonly onStatus: (isConnected: boolean) => void,
  ) {}

  start(): void {
    socket.on('connect', this.watch);
    socket.on('disconnect', this.lose);
    socket.on('delta', this.receive);
    socket.on('ended', this.refetch); // answers 401, which leads to log-in
    if (socket.connected) this.watch();
    else socket.connect();
  }

  stop(): void {
    clearTimeout(this.timer);
    socket.off('connect', this.watch);
    socket.off('disconnect', this.lose);
    socket.off('delta', this.receive);
    socket.off('ended', this.refetch);
    if (socket.connected) socket.emit('unwatch', this.page);
    if (socket.listeners('delta').length === 0) socket.disconnect();
  }

  /** On every (re)connection: what happened meanwhile is in no delta, so the snapshot is fetched again. */
  private readonly watch = (): void => {
    this.waiting = [];
    socket.emit('watch', this.page, (answer) => {
      const shown = this.queryClient.getQueryData<LiveView>(keyOf(this.page));
      if (!answer.ok || shown?.revision !== answer.revision) this.refetch();
      this.onStatus(answer.ok);
    });
  };

  private readonly lose = (): void => this.onStatus(false);

  private readonly receive = (delta: LiveDelta): void => {
    if (delta.page.kind !== this.page.kind || delta.page.id !== this.page.id) return;
    this.waiting.push(delta);
    this.timer ??= setTimeout(this.apply, Math.max(0, this.drawnAt + BATCH_MS - performance.now()));
  };

  private readonly apply = (): void => {
    this.timer = undefined;
    this.drawnAt = performance.now();
    const key = keyOf(this.page);
    const shown = this.queryClient.getQueryData<LiveView>(key);
    if (shown === undefined) return;
    const { view, missed } = applyDeltas(shown, this.waiting);
    this.waiting = missed;
    if (view !== shown) this.queryClient.setQueryData(key, view);
    if (missed.length === 0) return;
    // A revision is missing: the snapshot has it, and the deltas beyond it wait for it.
    if (this.queryClient.isFetching({ queryKey: key, exact: true }) === 0) this.refetch();
    this.timer = setTimeout(this.apply, BATCH_MS);
  };

  private readonly refetch = (): void => {
    void this.queryClient.invalidateQueries({ queryKey: keyOf(this.page), exact: true });
  };
}

/** Watches a page until the returned function is called; `onStatus` hears whether deltas come. */
export function watchPage(
  page: LivePage,
  queryClient: QueryClient,
  onStatus: (isConnected: boolean) => void,
): () => void {
  const watch = new Watch(page, queryClient, onStatus);
  watch.start();
  return () => watch.stop();
}
