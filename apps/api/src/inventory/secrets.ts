import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 24;
/** How long the secret before stays valid, so that whoever has it can be given the new one without a gap. */
const OVERLAP_MS = 24 * 3_600_000;

/** A new secret of 192 random bits, and its SHA-256: that alone is stored. */
export function newSecret(): { readonly secret: string; readonly secretSha256: Buffer } {
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  return { secret, secretSha256: createHash('sha256').update(secret).digest() };
}

/** A secret as it is stored, of a device or a gateway. */
interface StoredSecret {
  readonly id: string;
  /** Null while no newer one has taken its place. */
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

interface Ending {
  readonly stored: readonly StoredSecret[];
  readonly revokeOld: boolean;
  /** Rows that an ending is written to. */
  readonly rows: { save(row: { id: string; revokedAt: Date } | { id: string; expiresAt: Date }): Promise<unknown> };
}

/**
 * Ends every valid secret: now with `revokeOld`, else in 24 hours. One that was to expire already ends now in any case,
 * so that at most two are valid when a new one is added. Tells whether any ended now.
 */
export async function endSecrets({ stored, revokeOld, rows }: Ending): Promise<boolean> {
  const now = new Date();
  const expiresAt = new Date(now.getTime() + OVERLAP_MS);
  const valid = stored.filter((secret) => isValidAt(secret, now));
  const isRevoked = (secret: StoredSecret): boolean => revokeOld || secret.expiresAt !== null;
  for (const secret of valid) {
    await rows.save({ id: secret.id, ...(isRevoked(secret) ? { revokedAt: now } : { expiresAt }) });
  }
  return valid.some(isRevoked);
}

const isValidAt = ({ revokedAt, expiresAt }: StoredSecret, now: Date): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > now);
