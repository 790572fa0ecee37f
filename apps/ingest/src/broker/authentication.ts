import { maySpeak } from '#domain';
import type { AuthenticateError } from 'aedes';
import { createHash, timingSafeEqual } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { CachedCredential, Device } from '../custody.js';

/** MQTT 3.1.1 return codes of a refused CONNECT [MQTT-3.2.2.3]. */
export const RETURN_CODE = { identifier: 2, unavailable: 3, badCredentials: 4, notAuthorized: 5 } as const;

type ReturnCode = (typeof RETURN_CODE)[keyof typeof RETURN_CODE];

/** Who can log in: a device, or what logs in as one. */
export type Principal = Pick<Device, 'key' | 'publicId' | 'lifecycle' | 'credentials'>;

/** Where those who can log in are known. */
export interface LoginSource {
  byPublicId(publicId: string): Principal | undefined;
  byKey(key: number): Principal | undefined;
  /** Resolves when what is known is as it is in the database now. */
  refresh(): Promise<void>;
  /** Whether somebody may subscribe to more than a device's own commands. */
  maySubscribe(key: number, filter: string): boolean;
}

/** Who logged in, or why nobody did. `isUnknown`: there is no device of that name. */
export type LogIn =
  | { readonly device: Principal; readonly credential: CachedCredential }
  | { readonly returnCode: ReturnCode; readonly reason: string; readonly isUnknown: boolean };

/** How long a log-in waits for a database that is away, and how often it looks. */
const PATIENCE_MS = 8_000;
const LOOK_AGAIN_MS = 500;

/**
 * Checks a device's name and secret against what is known as it is in the database now: a revoked secret must not get in.
 * Null when the database stays away. There is no answer then but to end the connection: many clients take any CONNACK
 * with a refusal, also 3 (server unavailable), for final and never come back.
 */
export async function logIn(logins: LoginSource, username: string, secret: Buffer): Promise<LogIn | null> {
  if (!(await isCurrent(logins, Date.now() + PATIENCE_MS))) return null;
  const device = logins.byPublicId(username);
  if (!device) return { returnCode: RETURN_CODE.badCredentials, reason: 'no device has this name', isUnknown: true };
  const credential = findCredential(device, secret);
  if (!credential) return { returnCode: RETURN_CODE.badCredentials, reason: 'the secret is wrong', isUnknown: false };
  if (!maySpeak(device.lifecycle)) {
    return { returnCode: RETURN_CODE.notAuthorized, reason: 'the device is retired', isUnknown: false };
  }
  return { device, credential };
}

/** Waiting clients share their reads, and a waiting client does not storm. */
async function isCurrent(logins: LoginSource, deadlineMs: number): Promise<boolean> {
  while (Date.now() < deadlineMs) {
    try {
      await logins.refresh();
      return true;
    } catch {
      await setTimeout(LOOK_AGAIN_MS);
    }
  }
  return false;
}

/** The valid credential whose secret this is; two are valid while a secret is being rotated. */
function findCredential(device: Principal, secret: Buffer): CachedCredential | undefined {
  const given = createHash('sha256').update(secret).digest();
  return device.credentials
    .filter((credential) => isValid(credential))
    .find(({ sha256 }) => timingSafeEqual(sha256, given));
}

/** Whether a credential has neither expired nor been revoked. */
export function isValid({ endsMs }: CachedCredential, nowMs = Date.now()): boolean {
  return endsMs === null || nowMs < endsMs;
}

/** Whether a device may stay connected on the credential it logged in with. */
export function mayStay(device: Principal | undefined, credential: CachedCredential): boolean {
  if (!device || !maySpeak(device.lifecycle)) return false;
  return device.credentials.some((current) => isValid(current) && current.sha256.equals(credential.sha256));
}

/** The error that makes aedes answer with a return code. */
export function refusal(returnCode: ReturnCode, reason: string): AuthenticateError {
  return Object.assign(new Error(reason), { returnCode });
}
