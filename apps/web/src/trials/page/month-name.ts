import type { Locale } from '../../format.js';

/** "november 2026" of any date in it. */
export const monthName = (day: string, locale: Locale): string =>
  new Intl.DateTimeFormat(locale === 'sv' ? 'sv-SE' : 'en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  }).format(new Date(`${day.slice(0, 7)}-01T00:00:00Z`));
