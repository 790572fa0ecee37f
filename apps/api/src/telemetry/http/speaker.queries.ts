import type { DeviceLifecycle, FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';

/** A device and the secrets that are valid now. */
export interface SpeakingDevice {
  key: number;
  publicId: string;
  lifecycle: DeviceLifecycle;
  family: FamilyCode;
  secrets: Buffer[];
}

/** The device of a public id, null when there is none. */
export async function speakingDevice(tx: EntityManager, publicId: string): Promise<SpeakingDevice | null> {
  const [device] = await tx.query<SpeakingDevice[]>(
    /* sql */ `select d.key, d.public_id as "publicId", d.lifecycle, p.family, array(
        select c.secret_sha256 from device_credential c where c.device_id = d.id
          and (c.expires_at is null or c.expires_at > now()) and (c.revoked_at is null or c.revoked_at > now())
      ) as secrets
    from device d join product p on p.id = d.product_id where d.public_id = $1`,
    [publicId],
  );
  return device ?? null;
}
