/** A name and its secret, as a request carries them. */
export interface Credentials {
  name: string;
  secret: string;
}

const LONGEST = 512;

/** `Basic base64(name:secret)` or `Bearer name:secret`; null when the header is neither. */
export function credentialsOf(header: string | undefined): Credentials | null {
  if (!header || header.length > LONGEST) return null;
  const [scheme = '', value = ''] = header.trim().split(/\s+/, 2);
  const text = plainText(scheme.toLowerCase(), value);
  const colon = text.indexOf(':');
  return colon > 0 ? { name: text.slice(0, colon), secret: text.slice(colon + 1) } : null;
}

function plainText(scheme: string, value: string): string {
  if (scheme === 'bearer') return value;
  return scheme === 'basic' ? Buffer.from(value, 'base64').toString('utf8') : '';
}
