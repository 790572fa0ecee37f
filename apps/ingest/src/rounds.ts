import type { Logger } from 'pino';

/** Work that comes round: never twice at once, failures are logged and the next round tries again. */
export class Rounds {
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(private readonly log: Logger) {}

  every(intervalMs: number, name: string, work: () => Promise<void> | void): void {
    let isRunning = false;
    const round = async (): Promise<void> => {
      isRunning = true;
      try {
        await work();
      } catch (error) {
        this.log.warn({ round: name, error: error instanceof Error ? error.message : error }, 'a round failed');
      } finally {
        isRunning = false;
      }
    };
    const timer = setInterval(() => {
      if (isRunning) return;
      const run = round().finally(() => this.underWay.delete(run));
      this.underWay.add(run);
    }, intervalMs);
    this.timers.push(timer.unref());
  }

  /** No round starts after it; resolves when those under way have ended. */
  async stop(): Promise<void> {
    this.timers.forEach(clearInterval);
    await Promise.all(this.underWay);
  }
}
