import { readFile, stat } from 'node:fs/promises';
import { run } from './run.js';

/** A system user, by numbers, under which a program is started. */
export interface Account {
  uid: number;
  gid: number;
}

/** Debian's and Red Hat's `nobody`; used where /etc/passwd does not tell. */
const NOBODY: Account = { uid: 65_534, gid: 65_534 };

/**
 * The account PostgreSQL must run under, undefined = this process's own. PostgreSQL refuses to run as root, so root
 * hands it to the owner of an existing cluster (the next unprivileged start still works) or to `nobody`.
 */
export async function chooseAccount(clusterFolder: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterFolder).catch(() => undefined);
  return owner !== undefined && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : findNobody();
}

async function findNobody(): Promise<Account> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, , uid, gid] = /^nobody:.*$/m.exec(users)?.[0].split(':') ?? [];
  // macOS writes -2, which the system call takes as an unsigned number.
  return uid === undefined || gid === undefined ? NOBODY : { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
}

/** Whether that account may pass through every parent and enter the folder; tried for real, so ACLs count too. */
export async function canEnter(account: Account | undefined, folder: string): Promise<boolean> {
  if (account === undefined) return true;
  return (await run('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { account })).code === 0;
}
