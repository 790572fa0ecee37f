import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs until it is ended. */
export interface Program {
  pid: number;
  /** What it has said, as far as the first 20,000 characters. */
  text(): string;
  /** Ends it at once, as a crash does, and waits. */
  kill(): Promise<void>;
}

/** What to start, and the words of its output that say that it is ready. */
export interface ProgramPlan {
  command: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  ready: RegExp;
}

const READY_WITHIN_MS = 60_000;
const MOST_TEXT = 20_000;

/** Starts a program and waits until it says that it is ready; fails with what it said when it ends before or takes too long. */
export async function startProgram({ command, args, env = {}, ready }: ProgramPlan): Promise<Program> {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };
  let text = '';
  // Its output is read on to the end, or a full pipe would hold it up.
  const listen = (part: string): void => void (text.length < MOST_TEXT && (text += part));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
  await untilSays({ child, text: () => text, ready }).catch(async (cause: unknown) => {
    await kill();
    throw new Error(`${command} did not start.`, { cause });
  });
  return { pid: child.pid ?? 0, text: () => text, kill };
}

interface Starting {
  child: ChildProcess;
  text: () => string;
  ready: RegExp;
}

function untilSays({ child, text, ready }: Starting): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => reject(new Error(`Not ready in time:\n${text()}`)), READY_WITHIN_MS).unref();
    const look = (): void => {
      if (!ready.test(text())) return;
      clearTimeout(giveUp);
      resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);
    child.once('error', reject);
    child.once('close', () => reject(new Error(`It ended:\n${text()}`)));
  });
}
