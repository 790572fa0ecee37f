import type { TestDevice } from './builders.js';

/** A time of a while ago as clocks in Sweden show it, written as people there do. */
export const wall = (minutesAgo: number): string =>
  new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'Europe/Stockholm' }).format(
    Date.now() - minutesAgo * 60_000,
  );

/** The first line of a file of openings. */
export const HEADER = 'apparat;mått;tid;utfall;actor_role';

/** A line that tells of an opening by staff, a while ago. */
export const lineOf = ({ assetTag }: TestDevice, minutesAgo: number): string =>
  `${assetTag};unlock;${wall(minutesAgo)};success;staff`;
