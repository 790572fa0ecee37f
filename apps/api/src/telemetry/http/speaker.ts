import { createHash, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Credentials } from './credentials.js';
import { type SpeakingDevice, speakingDevice } from './speaker.queries.js';

/** Whoever sends over HTTP, and the devices that it may speak for. */
export interface Speaker {
  /** Its name, as rejects show it. */
  readonly name: string;
  /** The device that a message names, or the speaker's own when it names none; null when it is not the speaker's. */
  deviceNamed(publicId: string | undefined): Promise<SpeakingDevice | null>;
}

/** Why there is no speaker: nobody has that name, or the secret is wrong. */
export type NoSpeaker = 'unknown_name' | 'wrong_secret';

/**
 * Resolves a name and secret to a speaker. A device speaks for itself alone. Another kind of token (a gateway's, which
 * speaks for several devices) is one more branch here; nothing else knows kinds.
 */
export async function findSpeaker(tx: EntityManager, { name, secret }: Credentials): Promise<Speaker | NoSpeaker> {
  const device = isText(name) ? await speakingDevice(tx, name) : null;
  if (!device) return 'unknown_name';
  const given = createHash('sha256').update(secret).digest();
  if (!device.secrets.some((sha256) => timingSafeEqual(sha256, given))) return 'wrong_secret';
  const deviceNamed = (publicId = device.publicId): Promise<SpeakingDevice | null> =>
    Promise.resolve(publicId === device.publicId ? device : null);
  return { name, deviceNamed };
}

/** PostgreSQL takes no NUL, and what holds one is no name. */
const isText = (name: string): boolean => !name.includes('\0');
