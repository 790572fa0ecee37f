/**
 * The parsed fields that the request itself names. A partial schema still fills in the defaults of fields that are
 * absent, and a change must not reset what it does not mention.
 */
export function onlyGiven<T extends object>(parsed: T, sent: unknown): Partial<T> {
  const named = Object.keys(Object(sent) as object);
  return Object.fromEntries(Object.entries(parsed).filter(([field]) => named.includes(field))) as Partial<T>;
}
