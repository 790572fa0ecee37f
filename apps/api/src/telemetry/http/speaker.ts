import { createHash, timingSafeEqual } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { Credentials } from './credentials.js';
import { TelemetryRefused } from './refusals.js';
import { grantedDevice, type Login, loginOf, noteGateway, type SpeakingDevice } from './speaker.queries.js';

/** Why nobody speaks: nobody has that name, or the secret is wrong. */
export type NoSpeaker = 'unknown_name' | 'wrong_secret';

/** Resolves a name and secret to the device or gateway that they are of. */
export async function findSpeaker(tx: EntityManager, { name, secret }: Credentials): Promise<Login | NoSpeaker> {
  const login = isText(name) ? await loginOf(tx, name) : null;
  if (!login) return 'unknown_name';
  const given = createHash('sha256').update(secret).digest();
  return login.secrets.some((sha256) => timingSafeEqual(sha256, given)) ? login : 'wrong_secret';
}

/**
 * Whom a message is about: a device speaks for itself alone, a gateway for those that it is granted, each by name. Throws
 * `device_not_named` and `device_not_yours`; names that a gateway is not granted are listed on its page.
 */
export async function deviceOf(tx: EntityManager, login: Login, named: string | undefined): Promise<SpeakingDevice> {
  const { device, publicId } = login;
  if (device) {
    if (named === undefined || named === publicId) return device;
    throw new TelemetryRefused('device_not_yours', 'The token does not speak for the device that the message names.');
  }
  const name = named?.trim();
  if (!name) {
    const example = '{"device": "its name", "usages": […]}';
    throw new TelemetryRefused('device_not_named', `A gateway says which of its devices it speaks for: ${example}.`);
  }
  const granted = isText(name) ? await grantedDevice(tx, login, name) : null;
  await noteGateway(tx, login, granted || !isText(name) ? null : name.slice(0, LONGEST_NAME));
  if (granted) return granted;
  throw new TelemetryRefused(
    'device_not_yours',
    'The gateway is granted no device of that name: grant it on its page.',
  );
}

/** As long as a name may be that a device is granted under. */
const LONGEST_NAME = 120;

/** PostgreSQL takes no NUL, and what holds one is no name. */
const isText = (name: string): boolean => !name.includes('\0');
