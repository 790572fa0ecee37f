import { useTranslation } from 'react-i18next';
import { useSessionOrNull } from './session.js';

export type Locale = 'sv' | 'en';

const TAGS: Readonly<Record<Locale, string>> = { sv: 'sv-SE', en: 'en-GB' };
const THIN = '\u202f';

/** Thin unbreakable spaces between thousands, and a real minus sign, in both languages. */
function typeset(format: Intl.NumberFormat, value: number): string {
  const textOf = ({ type, value: text }: Intl.NumberFormatPart): string => {
    if (type === 'group') return THIN;
    return type === 'minusSign' ? '−' : text;
  };
  return format.formatToParts(value).map(textOf).join('');
}

/** Figures and times as people read them: one language, one municipality's zone. */
export interface Format {
  locale: Locale;
  number: (value: number, decimals?: number) => string;
  /** Whole kronor from öre: "1 284 000 kr". */
  kronor: (ore: number) => string;
  /** A price, to the öre where it has any: "2 450,50 kr", "89 kr". */
  price: (ore: number) => string;
  /** 0.62 → "62 %". */
  percent: (share: number) => string;
  /** "2,62 h". */
  hours: (hours: number, decimals?: number) => string;
  /** Seconds as "45 s", "12 min" or "3 h 5 min". */
  duration: (seconds: number) => string;
  /** "22 nov. 2026 14:03". */
  dateTime: (instant: string) => string;
  /** "22 nov. 2026 14:03:21". */
  exactTime: (instant: string) => string;
  /** "22 nov. 2026 14:03:21 – 22 nov. 2026 15:00:00"; one time where both are the same. */
  exactSpan: (from: string, to: string) => string;
  /** "14:03:21". */
  time: (instant: string) => string;
  /** "14". */
  hour: (instant: string) => string;
  /** A calendar date, without zone: "22 nov. 2026". */
  date: (day: string) => string;
  /** "22 nov.". */
  shortDate: (day: string) => string;
}

export function createFormat(locale: Locale, zone: string): Format {
  const tag = TAGS[locale];
  const times = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(tag, { timeZone: zone, hourCycle: 'h23', ...options });
  const days = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, { timeZone: 'UTC', ...options });
  const dateTime = times({ dateStyle: 'medium', timeStyle: 'short' });
  const exact = times({ dateStyle: 'medium', timeStyle: 'medium' });
  const exactTime = (instant: string): string => exact.format(new Date(instant));
  const time = times({ timeStyle: 'medium' });
  const hour = times({ hour: '2-digit' });
  const date = days({ dateStyle: 'medium' });
  const shortDate = days({ day: 'numeric', month: 'short' });
  const number = numberFormat(tag);
  const prices = new Intl.NumberFormat(tag, {
    minimumFractionDigits: 2,
    trailingZeroDisplay: 'stripIfInteger',
    signDisplay: 'negative',
  });
  return {
    locale,
    number,
    kronor: (ore) => `${number(ore / 100)}${THIN}kr`,
    price: (ore) => `${typeset(prices, ore / 100)}${THIN}kr`,
    percent: (share) => (locale === 'sv' ? `${number(share * 100)}${THIN}%` : `${number(share * 100)}%`),
    hours: (hours, decimals = 2) => `${number(hours, decimals)}${THIN}h`,
    duration: (seconds) => durationText(seconds, number),
    dateTime: (instant) => dateTime.format(new Date(instant)),
    exactTime,
    exactSpan: (from, to) => (from === to ? exactTime(from) : `${exactTime(from)} – ${exactTime(to)}`),
    time: (instant) => time.format(new Date(instant)),
    hour: (instant) => hour.format(new Date(instant)).slice(0, 2),
    date: (day) => date.format(new Date(`${day}T00:00:00Z`)),
    shortDate: (day) => shortDate.format(new Date(`${day}T00:00:00Z`)),
  };
}

function numberFormat(tag: string): Format['number'] {
  const formats = new Map<number, Intl.NumberFormat>();
  return (value, decimals = 0) => {
    const format =
      formats.get(decimals) ?? new Intl.NumberFormat(tag, { maximumFractionDigits: decimals, signDisplay: 'negative' });
    formats.set(decimals, format);
    return typeset(format, value);
  };
}

function durationText(seconds: number, number: Format['number']): string {
  if (seconds < 60) return `${number(seconds)}${THIN}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes}${THIN}min`;
  const rest = minutes % 60;
  return `${number(Math.floor(minutes / 60))}${THIN}h${rest === 0 ? '' : ` ${rest}${THIN}min`}`;
}

const KNOWN = new Map<string, Format>();

/** Formats in the page's language and the municipality's zone (before log-in: the reader's own zone). */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const zone = useSessionOrNull()?.municipality.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const locale: Locale = i18n.language === 'en' ? 'en' : 'sv';
  const key = `${locale} ${zone}`;
  const format = KNOWN.get(key) ?? createFormat(locale, zone);
  KNOWN.set(key, format);
  return format;
}
