/** npm and the terminal deliver one Ctrl-C twice within moments; only a later one means "at once". */
const REPEATS_WITHIN_MS = 2_000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Aborts at the first signal to end; `force` is called when another comes more than two seconds later. */
export function listenForStop(force: () => void): AbortSignal {
  const stopping = new AbortController();
  let firstAtMs: number | undefined;
  const receive = (): void => {
    firstAtMs ??= performance.now();
    stopping.abort();
    if (performance.now() - firstAtMs > REPEATS_WITHIN_MS) force();
  };
  for (const signal of SIGNALS) process.on(signal, receive);
  return stopping.signal;
}
