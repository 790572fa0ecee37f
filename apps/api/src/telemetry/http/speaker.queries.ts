import { HEARD_NAMES_KEPT, RECORD_GATEWAY_SIGNALS, RECORD_HEARD } from '#database';
import type { DeviceLifecycle, FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';

/** A device as far as its messages need it. */
export interface SpeakingDevice {
  key: number;
  publicId: string;
  lifecycle: DeviceLifecycle;
  family: FamilyCode;
}

/** A name that may speak, and the secrets that are valid now. */
export interface Login {
  /** Null: it is a gateway's. */
  device: SpeakingDevice | null;
  key: number;
  publicId: string;
  secrets: Buffer[];
}

const VALID = /* sql */ `(c.expires_at is null or c.expires_at > now()) and (c.revoked_at is null or c.revoked_at > now())`;

/** Who has that public id, null when nobody: devices and gateways have theirs from one set. */
export async function loginOf(tx: EntityManager, publicId: string): Promise<Login | null> {
  return (await deviceLogin(tx, publicId)) ?? (await gatewayLogin(tx, publicId));
}

async function deviceLogin(tx: EntityManager, publicId: string): Promise<Login | null> {
  const [found] = await tx.query<(SpeakingDevice & { secrets: Buffer[] })[]>(
    /* sql */ `select d.key, d.public_id as "publicId", d.lifecycle, p.family, array(
        select c.secret_sha256 from device_credential c where c.device_id = d.id and ${VALID}
      ) as secrets
    from device d join product p on p.id = d.product_id where d.public_id = $1`,
    [publicId],
  );
  if (!found) return null;
  const { secrets, ...device } = found;
  return { device, key: device.key, publicId: device.publicId, secrets };
}

async function gatewayLogin(tx: EntityManager, publicId: string): Promise<Login | null> {
  const [found] = await tx.query<Omit<Login, 'device'>[]>(
    /* sql */ `select g.key, g.public_id as "publicId", array(
        select c.secret_sha256 from gateway_credential c where c.gateway_id = g.id and g.ended_at is null and ${VALID}
      ) as secrets
    from gateway g where g.public_id = $1`,
    [publicId],
  );
  return found ? { device: null, ...found } : null;
}

/** The device that a gateway may speak for under a name: the other system's, or the device's public id. */
export async function grantedDevice(tx: EntityManager, gateway: Login, name: string): Promise<SpeakingDevice | null> {
  const [found] = await tx.query<SpeakingDevice[]>(
    /* sql */ `select d.key, d.public_id as "publicId", d.lifecycle, p.family
    from gateway g
    join gateway_child c on c.gateway_id = g.id and c.ends_at is null
    join device d on d.id = c.device_id
    join product p on p.id = d.product_id
    where g.key = $1 and g.ended_at is null and (c.external_name = $2 or d.public_id = $2)
    order by c.external_name = $2 desc limit 1`,
    [gateway.key, name],
  );
  return found ?? null;
}

/** The gateway has spoken just now; `unknown` is a name that it is not granted. Shown on its page, as over MQTT. */
export async function noteGateway(tx: EntityManager, gateway: Login, unknown: string | null): Promise<void> {
  const now = new Date();
  await tx.query(RECORD_GATEWAY_SIGNALS.text, [[gateway.key], [null], [null], [now]]);
  if (unknown !== null) {
    await tx.query(RECORD_HEARD.text, [[gateway.key], [unknown], [now], [1], HEARD_NAMES_KEPT]);
  }
}
