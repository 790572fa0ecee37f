import { OrgNodeEntity } from '#database';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config.js';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/** Whether only this machine can reach the server. */
export const isLoopback = (bind: string): boolean => LOOPBACK.test(bind);

/** Whether accounts of that municipality may be used on this server: a demo's only on loopback (rule K4). */
export async function mayBeUsedHere(
  tx: EntityManager,
  rootId: string,
  { bind }: Pick<Config, 'bind'>,
): Promise<boolean> {
  return isLoopback(bind) || !(await tx.existsBy(OrgNodeEntity, { id: rootId, demo: true }));
}
