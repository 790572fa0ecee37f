import { createHash } from 'node:crypto';
import { DeviceCredentialEntity, type OrgNodeEntity, UserAccountEntity } from '#database';
import { DEFAULT_TIME_ZONE } from '#domain';
import { type DataSource, type EntityManager, IsNull } from 'typeorm';
import { rotateSecret } from '../inventory/devices/credentials.js';
import { type DemoDevice, readDevicesFile, writeDevicesFile } from './demo-devices-file.js';
import { findDemoRoot, lockDemo, type PlayedDevice, playedDevices } from './demo.queries.js';
import { scopeAt } from './plant-people.js';

interface Kept {
  dataDir: string;
  /** Public id → secret of devices that have just been registered. */
  planted: ReadonlyMap<string, string>;
}

/**
 * Sees to it that the simulator's file holds a valid secret of each device that it plays. Secrets are stored as hashes
 * alone, so a lost one is rotated. The file is written after the commit: if that fails, the next start mends it.
 */
export async function keepDevicesFile(db: DataSource, { dataDir, planted }: Kept): Promise<void> {
  const stored = new Map((await readDevicesFile(dataDir)).map(({ publicId, secret }) => [publicId, secret]));
  const { zone, devices } = await db.transaction((tx) => withSecrets(tx, new Map([...stored, ...planted])));
  const isKept = devices.every(({ publicId, secret }) => stored.get(publicId) === secret);
  if (!isKept) await writeDevicesFile(dataDir, { zone, devices });
}

async function withSecrets(
  tx: EntityManager,
  known: ReadonlyMap<string, string>,
): Promise<{ zone: string; devices: DemoDevice[] }> {
  await lockDemo(tx);
  const root = await findDemoRoot(tx);
  if (!root) return { zone: DEFAULT_TIME_ZONE, devices: [] };
  const devices: DemoDevice[] = [];
  for (const [index, device] of (await playedDevices(tx, root.id)).entries()) {
    const secret = known.get(device.publicId) ?? '';
    const valid = (await isValid(tx, { deviceId: device.id, secret })) ? secret : await rotated(tx, root, device);
    devices.push(behaviour(device, { secret: valid, index }));
  }
  return { zone: root.timeZone ?? DEFAULT_TIME_ZONE, devices };
}

function isValid(tx: EntityManager, { deviceId, secret }: { deviceId: string; secret: string }): Promise<boolean> {
  const secretSha256 = createHash('sha256').update(secret).digest();
  return tx.existsBy(DeviceCredentialEntity, { deviceId, secretSha256, revokedAt: IsNull(), expiresAt: IsNull() });
}

async function rotated(tx: EntityManager, root: OrgNodeEntity, { id }: PlayedDevice): Promise<string> {
  const { id: userId, name } = await tx.findOneByOrFail(UserAccountEntity, {
    rootId: root.id,
    email: 'tekniker@demo.example',
  });
  const person = { id: userId, name, rootId: root.id };
  const scope = scopeAt('device:edit', { person, role: 'technician', nodeId: root.id });
  return (await rotateSecret(tx, scope, { id, revokeOld: true })).credentials.secret;
}

/** Some units use their devices more than others do. */
const ACTIVITIES = [1, 0.8, 1.2, 0.6, 1.1, 0.9, 1.4];
/** Every tenth device forgets what it could not send: gaps that the coverage must tell of. */
const FORGETFUL = 10;

function behaviour(
  { publicId, family, since }: PlayedDevice,
  { secret, index }: { secret: string; index: number },
): DemoDevice {
  return {
    publicId,
    secret,
    family,
    seed: index + 1,
    activity: ACTIVITIES[index % ACTIVITIES.length] ?? 1,
    since: since.toISOString(),
    outages: index % FORGETFUL === FORGETFUL - 1 ? 'lost' : 'late',
  };
}
