import { createHash, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Credentials } from './credentials.js';
import { type SpeakingDevice, speakingDevice } from './speaker.queries.js';

/** Why nobody speaks: nobody has that name, or the secret is wrong. */
export type NoSpeaker = 'unknown_name' | 'wrong_secret';

/** Resolves a name and secret to the device that they are of; it speaks for itself alone. */
export async function findSpeaker(
  tx: EntityManager,
  { name, secret }: Credentials,
): Promise<SpeakingDevice | NoSpeaker> {
  const device = isText(name) ? await speakingDevice(tx, name) : null;
  if (!device) return 'unknown_name';
  const given = createHash('sha256').update(secret).digest();
  return device.secrets.some((sha256) => timingSafeEqual(sha256, given)) ? device : 'wrong_secret';
}

/** PostgreSQL takes no NUL, and what holds one is no name. */
const isText = (name: string): boolean => !name.includes('\0');
