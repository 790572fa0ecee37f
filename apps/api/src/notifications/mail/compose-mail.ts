import { createHash } from 'node:crypto';
import type { NotificationData, NotificationKind } from '#domain';
import { type Locale, MAIL_TEXTS } from './mail-texts.js';
import type { Mail } from './mailer.service.js';

/** Whom a mail goes to, and the zone that its times are told in. */
export interface Addressee {
  id: string;
  name: string;
  address: string;
  locale: Locale;
  zone: string;
}

/** A notification as a mail tells it. */
export interface Told {
  id: string;
  kind: NotificationKind;
  data: object;
  link: string;
  createdAt: Date;
}

type AddressOf = (path: string) => string;

/** A digest after a long outage must stay readable. */
const MOST_LINES = 50;

/** One mail about everything that is due; the key is the same for the same notifications and person. */
export function composeMail(to: Addressee, told: readonly Told[], addressOf: AddressOf): Mail {
  const texts = MAIL_TEXTS[to.locale];
  const lines = told.slice(0, MOST_LINES).map((one) => lineOf(one, to, addressOf));
  const heading = told.length === 1 ? (lines[0]?.says ?? '') : texts.several(told.length);
  const more = told.length > MOST_LINES ? [texts.more(told.length - MOST_LINES)] : [];
  const preferences = addressOf('/notifications/preferences');
  const all = addressOf('/notifications');
  const text = [
    texts.greeting(to.name),
    ...lines.map(({ says, time, address }) => `${says}\n${time}\n${address}`),
    ...more,
    `${texts.all}: ${all}`,
    `${texts.why}\n${texts.preferences}: ${preferences}`,
  ].join('\n\n');
  const items = lines.map(
    ({ says, time, address }) =>
      `<li>${escaped(says)}<br>${escaped(time)} · <a href="${escaped(address)}">${texts.open}</a></li>`,
  );
  const html = page(to.locale, heading, [
    `<p>${escaped(texts.greeting(to.name))}</p>`,
    `<ul>${items.join('')}</ul>`,
    ...more.map((line) => `<p>${escaped(line)}</p>`),
    `<p><a href="${escaped(all)}">${texts.all}</a></p>`,
    `<p><small>${texts.why} <a href="${escaped(preferences)}">${texts.preferences}</a></small></p>`,
  ]);
  const headers = { 'List-Unsubscribe': `<${preferences}>` };
  return {
    to: { name: to.name, address: to.address },
    subject: `Nyttospår: ${heading}`,
    text,
    html,
    messageKey: keyOf(to, told),
    headers,
  };
}

/** An invitation, or a link to choose a new password. */
export interface LinkMail {
  kind: 'invitation' | 'password_reset';
  municipality: string;
  address: string;
  expiresAt: Date;
  messageKey: string;
}

export function composeLinkMail(to: Addressee, { kind, municipality, address, expiresAt, messageKey }: LinkMail): Mail {
  const texts = MAIL_TEXTS[to.locale];
  const words = texts.link[kind];
  const [lead, until] = [words.lead({ municipality }), words.until(timeIn(to, expiresAt))];
  const text = [texts.greeting(to.name), lead, address, until, words.ignore].join('\n\n');
  const html = page(to.locale, words.subject, [
    `<p>${escaped(texts.greeting(to.name))}</p>`,
    `<p>${escaped(lead)}</p>`,
    `<p><a href="${escaped(address)}">${words.button}</a></p>`,
    `<p>${escaped(until)}</p>`,
    `<p>${words.ignore}</p>`,
  ]);
  return { to: { name: to.name, address: to.address }, subject: words.subject, text, html, messageKey };
}

function lineOf({ kind, data, link, createdAt }: Told, to: Addressee, addressOf: AddressOf) {
  const tell = MAIL_TEXTS[to.locale].kind[kind] as (data: NotificationData[NotificationKind]) => string;
  const says = tell(data as NotificationData[NotificationKind]);
  return { says, time: timeIn(to, createdAt), address: addressOf(link) };
}

const timeIn = ({ locale, zone }: Addressee, at: Date): string =>
  new Intl.DateTimeFormat(locale === 'sv' ? 'sv-SE' : 'en-GB', {
    timeZone: zone,
    dateStyle: 'long',
    timeStyle: 'short',
  }).format(at);

function keyOf({ id }: Addressee, told: readonly Told[]): string {
  const ids = told.map((one) => one.id).sort();
  const of = ids.length === 1 ? ids[0] : createHash('sha256').update(ids.join()).digest('hex').slice(0, 32);
  return `${of}.${id}`;
}

const page = (locale: Locale, title: string, parts: readonly string[]): string =>
  `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>` +
  `<body style="font-family:sans-serif;max-width:40em"><h1 style="font-size:1.3em">${escaped(title)}</h1>${parts.join('')}</body></html>`;

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
