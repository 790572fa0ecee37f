import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FAMILY_CODES } from '#domain';
import { z } from 'zod';

const DemoDevice = z.object({
  publicId: z.string(),
  secret: z.string(),
  family: z.enum(FAMILY_CODES),
  seed: z.number().int(),
  activity: z.number(),
  since: z.string(),
  outages: z.enum(['late', 'lost', 'none']),
});
const DemoDevices = z.object({ zone: z.string(), devices: z.array(DemoDevice) });

/** What the simulator is told of one device: its own secret, its behaviour, and when its history begins. */
export type DemoDevice = z.output<typeof DemoDevice>;

const pathIn = (dataDir: string): string => join(dataDir, 'demo', 'devices.json');

/** Writes the simulator's devices file, readable by its owner alone since it holds secrets; whole or not at all. */
export async function writeDevicesFile(
  dataDir: string,
  content: { zone: string; devices: DemoDevice[] },
): Promise<void> {
  const path = pathIn(dataDir);
  const draft = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

/** The devices that the file still names; none when it is lost or cannot be read. */
export async function readDevicesFile(dataDir: string): Promise<DemoDevice[]> {
  const text = await readFile(pathIn(dataDir), 'utf8').catch(() => '');
  try {
    return DemoDevices.parse(JSON.parse(text)).devices;
  } catch {
    return []; // whatever is wrong with it, it is written anew
  }
}

export async function removeDevicesFile(dataDir: string): Promise<void> {
  await rm(pathIn(dataDir), { force: true });
}
