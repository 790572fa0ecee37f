import { setTimeout } from 'node:timers/promises';
import { DeviceEntity, type OrgNodeEntity, UserAccountEntity } from '#database';
import type { DataSource, EntityManager } from 'typeorm';
import { Not } from 'typeorm';
import { audit } from '../audit/audit.js';
import { isIngest } from '../health/part-state.js';
import { heartbeats } from '../health/heartbeat.queries.js';
import { editDevice } from '../inventory/devices/edit-device.js';
import { removeDevicesFile } from './demo-devices-file.js';
import { deleteDemoRows, findDemoRoot, lockDemo } from './demo.queries.js';
import { scopeAt } from './plant-people.js';

/** Ingest beats at least this often while it runs, and looks this often for devices that have changed. */
const INGEST_ALIVE_MS = 15_000;
const INGEST_LOOKS_MS = 5_000;

/**
 * Removes the demo's municipality with all that belongs to it (rule K4), its usage included; only the log stays. Its
 * devices are retired first, and a running ingest is given the time to see it: what it holds in memory would else go on
 * taking their usage. Answers the name of what was removed, null when there was no demo.
 */
export async function removeDemo(db: DataSource, dataDir: string): Promise<string | null> {
  const root = await findDemoRoot(db.manager);
  if (!root) return null;
  await db.transaction((tx) => retireDevices(tx, root));
  const workers = (await heartbeats(db.manager)).filter(({ service }) => isIngest(service));
  if (workers.some(({ ageMs }) => ageMs < INGEST_ALIVE_MS)) await setTimeout(INGEST_LOOKS_MS);
  await db.transaction((tx) => removeRows(tx, root));
  await removeDevicesFile(dataDir);
  return root.name;
}

async function retireDevices(tx: EntityManager, root: OrgNodeEntity): Promise<void> {
  await lockDemo(tx);
  const { id, name } = await tx.findOneByOrFail(UserAccountEntity, { rootId: root.id, email: 'tekniker@demo.example' });
  const person = { id, name, rootId: root.id };
  const scope = scopeAt('device:edit', { person, role: 'technician', nodeId: root.id });
  for (const device of await tx.findBy(DeviceEntity, { rootId: root.id, lifecycle: Not('retired') })) {
    await editDevice(tx, scope, { id: device.id, change: { lifecycle: 'retired' } });
  }
}

async function removeRows(tx: EntityManager, root: OrgNodeEntity): Promise<void> {
  await lockDemo(tx);
  await deleteDemoRows(tx, root);
  const record = {
    rootId: root.id,
    action: 'demo.remove',
    subjectKind: 'node',
    subjectId: root.id,
    changes: { name: root.name },
  };
  await audit(tx, { id: null, name: 'Demo' }, record);
}
