import type { Config } from '../config.js';

/** Where a person opens a one-time link: the page's own route. */
export const linkAddress = ({ publicUrl }: Pick<Config, 'publicUrl'>, token: string): string =>
  `${publicUrl.replace(/\/$/, '')}/link/${token}`;
