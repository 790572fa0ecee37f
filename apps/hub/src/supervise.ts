import { setTimeout as delay } from 'node:timers/promises';
import { planRestart } from './restart-policy.js';
import { StartProblem } from './start-problem.js';

/** How a run ended, and what the program itself said about it. */
export interface Ended {
  how: string;
  message?: string | undefined;
}

/** One run of a program: `ready` stays pending when it ends before; `exited` resolves at its end. */
export interface Run<Ready> {
  ready: Promise<Ready>;
  exited: Promise<Ended>;
  stop(): Promise<void>;
}

/** A program that is kept running: `ready` is that of the first run, `gaveUp` resolves when it will not be started again. */
export interface Supervised<Ready> {
  ready: Promise<Ready>;
  gaveUp: Promise<StartProblem>;
  stop(): Promise<void>;
}

/** What to keep running; `explain` adds the end of its log to the message of giving up. */
export interface Program<Ready> {
  name: string;
  start(): Promise<Run<Ready>>;
  explain(): Promise<string>;
  say(line: string): void;
}

/**
 * Keeps a program running: a crash is told and followed by a restart after a growing pause; five crashes in a minute,
 * or a failure at the first start that the program could explain, are the end of it.
 */
export function supervise<Ready>(program: Program<Ready>): Supervised<Ready> {
  const stopping = new AbortController();
  let current: Run<Ready> | undefined;
  let wasReady = false;
  let tellReady: (ready: Ready) => void;
  const ready = new Promise<Ready>((resolve) => (tellReady = resolve));

  async function runOnce(): Promise<Ended> {
    if (stopping.signal.aborted) return { how: 'stopped' };
    current = await program.start();
    if (stopping.signal.aborted) void current.stop();
    void current.ready.then((first) => {
      wasReady = true;
      tellReady(first);
    });
    return current.exited;
  }

  async function keepRunning(): Promise<StartProblem> {
    const crashedAtMs: number[] = [];
    for (;;) {
      const { how, message } = await runOnce().catch(asEnded);
      if (stopping.signal.aborted) return new StartProblem(`${program.name} was stopped.`);
      if (message !== undefined && !wasReady) return new StartProblem(`${program.name} could not start: ${message}`);
      crashedAtMs.push(performance.now());
      const restart = planRestart(crashedAtMs);
      if (restart.kind === 'give-up') return explainGivingUp(program, restart.crashes);
      program.say(`${program.name} ended (${message ?? how}); restart ${crashedAtMs.length} in ${restart.delayMs} ms.`);
      await delay(restart.delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const gaveUp = keepRunning();
  const stop = async (): Promise<void> => {
    stopping.abort();
    await current?.stop();
    await gaveUp;
  };
  return { ready, gaveUp, stop };
}

/** A start that throws is a run that ended at once and can say why. */
const asEnded = (cause: unknown): Ended => ({
  how: 'error',
  message: cause instanceof Error ? cause.message : String(cause),
});

async function explainGivingUp<Ready>(program: Program<Ready>, crashes: number): Promise<StartProblem> {
  return new StartProblem(`${program.name} ended ${crashes} times within a minute. ${await program.explain()}`);
}
