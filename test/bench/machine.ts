import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, platform, totalmem } from 'node:os';

/** The machine that a result was measured on: figures mean nothing without it. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
}

export const describeMachine = (): Machine => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.versions.node,
});

/** Milliseconds by a clock that every process of the machine shares and that nobody sets. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** The fields of /proc/<pid>/stat behind the command's name: [0] is the state, [1] the parent. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** CPU milliseconds that a process has used, with those of its children that have ended. */
function ownCpuMs(pid: number): number {
  const fields = statFields(pid).slice(11, 15).map(Number);
  return (fields.reduce((sum, ticks) => sum + ticks, 0) / ticksPerSecond) * 1000;
}

/** CPU milliseconds of a process and every child it has or had (PostgreSQL is a process per connection). */
export function cpuMs(pid: number): number {
  for (;;) {
    try {
      return sumCpuMs(pid);
    } catch (error) {
      // A child ended while it was looked at: its time has moved to its parent's. The process itself must be there.
      if (!existsSync(`/proc/${pid}/stat`)) throw error;
    }
  }
}

function sumCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + ownCpuMs(Number(child)), ownCpuMs(pid));
}

/** A process's children, their children and so on. */
export function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...childrenOf(child)]);
}

/**
 * Resident memory of processes in kB, a page that several of them use counted once (their proportional shares), without
 * memory shared by intent, as PostgreSQL's buffers.
 */
export function memoryOfAllKb(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + shareKb(pid, 'Pss_Anon') + shareKb(pid, 'Pss_File'), 0);
}

/** Of a process that has ended meanwhile: nothing. */
function shareKb(pid: number, kind: string): number {
  try {
    return Number(
      new RegExp(`^${kind}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1],
    );
  } catch {
    return 0;
  }
}

/** Resident memory of a process in kB. */
export function memoryKb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
