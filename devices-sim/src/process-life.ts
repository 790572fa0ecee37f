import type { Fleet } from './fleet.js';

const EXIT_AT_LATEST_MS = 2800;

/** Aborts on SIGTERM, SIGINT or when the parent process is gone; further signals change nothing. */
export function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.on('SIGTERM', stop).on('SIGINT', stop).on('disconnect', stop);
  return stopping.signal;
}

/** Tells a parent process, if there is one, that every device is connected or has been tried. */
export function tellReady(): void {
  process.send?.({ type: 'ready', lines: [] });
}

/** Runs a fleet until the process is asked to stop, and then ends the process within three seconds. */
export async function runFleet(fleet: Fleet): Promise<void> {
  const asked = once(stopSignal());
  await Promise.race([fleet.tried(), fleet.ended(), asked]);
  tellReady();
  await Promise.race([fleet.ended(), asked]);
  setTimeout(() => process.exit(0), EXIT_AT_LATEST_MS).unref();
  await fleet.stop();
  process.exit(0);
}

function once(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
