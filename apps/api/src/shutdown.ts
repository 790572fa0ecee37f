/** Long enough for requests under way, short enough for a supervisor that waits. */
const LONGEST_MS = 10_000;

/**
 * Closes once at SIGTERM, SIGINT or when the parent process is gone, and exits 0. A terminal's Ctrl-C reaches npm's
 * child twice: later requests change nothing. What does not close in time is cut off with exit code 1.
 */
export function endOnRequest(close: () => Promise<void>): void {
  let closing: Promise<void> | undefined;
  const end = (): void => {
    closing ??= closeInTime(close);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  process.on('disconnect', end);
}

async function closeInTime(close: () => Promise<void>): Promise<void> {
  const tooLong = setTimeout(() => process.exit(1), LONGEST_MS);
  try {
    await close();
    clearTimeout(tooLong);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
