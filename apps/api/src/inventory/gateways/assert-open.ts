import type { GatewayEntity } from '#database';
import { Refused } from '../refused.js';

/** Refuses to change a gateway that has been closed. */
export function assertOpen({ endedAt }: GatewayEntity): void {
  if (endedAt === null) return;
  throw new Refused('ended_already', 'The gateway is closed: register a new one.');
}
