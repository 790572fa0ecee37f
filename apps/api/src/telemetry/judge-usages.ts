import type { Family } from '#domain';
import { decodeUsage, type Rejection, timeUsage, type TimeWindow } from '#telemetry';

/** A message of usages before it is stored. */
export interface GivenUsages {
  topic: string;
  payload: Buffer;
  family: Family;
  window: TimeWindow;
}

/** How many usages of a message will be taken as far as it shows by itself, and what will be refused. Pure. */
export function judgeUsages({ topic, payload, family, window }: GivenUsages): {
  accepted: number;
  rejections: Rejection[];
} {
  const decoded = decodeUsage({ topic, payload, family, receipt: { name: '' } });
  const late = decoded.drafts.flatMap((draft): Rejection[] => {
    const timed = timeUsage(draft, draft.ownAtMs ?? window.receivedAtMs, window);
    return 'code' in timed ? [{ ...timed, element: draft.element }] : [];
  });
  return { accepted: decoded.drafts.length - late.length, rejections: [...decoded.rejections, ...late] };
}
