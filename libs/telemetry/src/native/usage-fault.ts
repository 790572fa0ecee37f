import {
  DEVICE_TIME_TEXT,
  MAX_ATTRIBUTE_NAME,
  MAX_ATTRIBUTE_TEXT,
  MAX_ATTRIBUTES,
  MAX_ID_LENGTH,
  MAX_METRIC_NAME,
  PLAIN_TEXT,
  type UsageMessage,
} from '#contracts';

/**
 * What is wrong with one element of a usage message, null when it is a {@link UsageMessage}. Accepts exactly what the
 * schema accepts (a property test compares them) in a third of its time.
 */
export function usageFault(element: unknown): string | null {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) return 'a usage is an object';
  const { id, metric, at, until, value, attributes } = element as Record<keyof UsageMessage, unknown>;
  if (id !== undefined && !isText(id, MAX_ID_LENGTH)) return `id: a text of 1 to ${MAX_ID_LENGTH} characters`;
  if (!isText(metric, MAX_METRIC_NAME)) return `metric: a text of 1 to ${MAX_METRIC_NAME} characters`;
  if (at !== undefined && !isTime(at)) return 'at: an RFC 3339 time or Unix milliseconds';
  if (until !== undefined && !isTime(until)) return 'until: an RFC 3339 time or Unix milliseconds';
  if (value !== undefined && !Number.isFinite(value)) return 'value: a number';
  return attributes === undefined ? null : attributesFault(attributes);
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= maxLength;
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' ? DEVICE_TIME_TEXT.test(value) : Number.isFinite(value);
}

function attributesFault(attributes: unknown): string | null {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    return 'attributes: an object';
  }
  let count = 0;
  for (const name in attributes) {
    // The schema passes over this one name; it is never declared, so never stored.
    if (name === '__proto__' || !Object.hasOwn(attributes, name)) continue;
    count += 1;
    if (count > MAX_ATTRIBUTES) return `attributes: at most ${MAX_ATTRIBUTES}`;
    if (name.length > MAX_ATTRIBUTE_NAME) return `attributes: names of at most ${MAX_ATTRIBUTE_NAME} characters`;
    if (!isScalar((attributes as Record<string, unknown>)[name])) {
      return `attributes.${name}: a short text, a number or a boolean`;
    }
  }
  return null;
}

/** What nearly all texts are, told in a tenth of the time that the whole of Unicode takes. */
const WORD = /^[\w .:-]*$/;

function isScalar(value: unknown): boolean {
  if (typeof value === 'string')
    return value.length <= MAX_ATTRIBUTE_TEXT && (WORD.test(value) || PLAIN_TEXT.test(value));
  return typeof value === 'boolean' || Number.isFinite(value);
}
