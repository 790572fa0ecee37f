/** Whether a topic lies within an MQTT topic filter; `#` also takes in the level above it [MQTT-4.7.1-2]. */
export function matchesFilter(topic: string, filter: string): boolean {
  // Wildcards at the first level take no topic that begins with $ [MQTT-4.7.2-1].
  if (topic.startsWith('$') && (filter.startsWith('+') || filter.startsWith('#'))) return false;
  const levels = topic.split('/');
  const wanted = filter.split('/');
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return true;
    const level = levels[index];
    if (level === undefined || (want !== '+' && want !== level)) return false;
  }
  return levels.length === wanted.length;
}

/** Whether everything that the inner filter can match is also matched by the outer one. */
export function isWithinFilter(inner: string, outer: string): boolean {
  const levels = inner.split('/');
  const wanted = outer.split('/');
  for (const [index, want] of wanted.entries()) {
    if (want === '#') return true;
    const level = levels[index];
    if (level === undefined || level === '#') return false;
    if (want !== '+' && want !== level) return false;
  }
  return levels.length === wanted.length;
}
