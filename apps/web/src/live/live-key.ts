import type { LivePage } from '#contracts';

/** Where a live page's snapshot lies in the query cache. */
export const keyOf = ({ kind, id }: LivePage) => ['live', kind, id] as const;
