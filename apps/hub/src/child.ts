import { type ChildProcess, fork } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';

/** One child program: what it is called towards people, its script, and what it is given. */
export interface ChildPlan {
  name: string;
  script: string;
  args: string[];
  environment: NodeJS.ProcessEnv;
  logFile: string;
}

/** A started child. `ready` resolves to the lines it wants shown and never if it ends before; `exited` tells how it ended. */
export interface Child {
  ready: Promise<string[]>;
  exited: Promise<ChildExit>;
  stop(): Promise<void>;
}

/** `message` is what the child said itself about its failure, if it did. */
export interface ChildExit {
  how: string;
  message: string | undefined;
}

const FromChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), lines: z.array(z.string()).default([]) }),
  z.object({ type: z.literal('failed'), message: z.string() }),
]);

/** A child drains for at most 10 s by its own clock; what takes longer is killed. */
const STOP_WITHIN_MS = 12_000;

const running = new Set<ChildProcess>();

/** For an impatient end: kills every child at once. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Forks with a channel; the child ends by itself when that closes, so it cannot outlive this process. */
export async function startChild(plan: ChildPlan): Promise<Child> {
  const child = await forkChild(plan);
  running.add(child);
  let message: string | undefined;
  const ready = new Promise<string[]>((resolve) => {
    child.on('message', (raw) => {
      const told = FromChild.safeParse(raw).data;
      if (told?.type === 'ready') resolve(told.lines);
      if (told?.type === 'failed') message = told.message;
    });
  });
  const exited = exitOf(child).then((how) => ({ how, message }));
  return { ready, exited, stop: () => stopChild(child, exited) };
}

async function forkChild({ script, args, environment, logFile }: ChildPlan): Promise<ChildProcess> {
  const log = await open(logFile, 'a', 0o600);
  try {
    return fork(script, args, {
      env: environment,
      detached: true, // its own session: a terminal's Ctrl-C comes to the supervisor, which keeps the order
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
    });
  } finally {
    await log.close();
  }
}

function exitOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    const end = (how: string): void => {
      running.delete(child);
      resolve(how);
    };
    child.once('error', (cause) => end(cause.message));
    child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
  });
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await exited.finally(() => clearTimeout(kill));
}

/** The end of what the child wrote, for a message about its failure; '' when it wrote nothing. */
export async function readLogEnd(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-10).join('\n').slice(-2_000);
}
