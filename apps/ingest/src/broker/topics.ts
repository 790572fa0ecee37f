import { TOPIC_ROOT, UPWARD_CHANNELS, type UpwardChannel } from '#contracts';

/** What a device's own topic is for; null for every topic that is not its own. */
export function channelOf(topic: string, publicId: string): UpwardChannel | 'response' | null {
  const own = `${TOPIC_ROOT}/${publicId}/`;
  if (!topic.startsWith(own)) return null;
  const rest = topic.slice(own.length);
  return UPWARD_CHANNELS.find((channel) => channel === rest) ?? (RESPONSE.test(rest) ? 'response' : null);
}

const RESPONSE = /^command\/[^/]+\/response$/;

/** Whether a device may subscribe: to its own commands, all of them or one by name, and nothing else. */
export function maySubscribe(filter: string, publicId: string): boolean {
  const own = `${TOPIC_ROOT}/${publicId}/command/`;
  if (!filter.startsWith(own)) return false;
  const rest = filter.slice(own.length);
  return rest === '#' || /^[^/+#]+$/.test(rest);
}
