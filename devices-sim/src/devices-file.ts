import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { FAMILY_CODES, isTimeZone } from '#domain';
import { OUTAGE_MODES } from './device.js';

/** Above it a slot of the busiest metric would hold hundreds of events. */
const ACTIVITY_MAX = 1000;

/** A device of the fleet: its own credentials, its behaviour, and when its history begins. */
export const FleetDevice = z.object({
  /** Also its MQTT user and client id; no character that means something in a topic. */
  publicId: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[^/+#\s]+$/),
  secret: z.string().min(1),
  family: z.enum(FAMILY_CODES),
  seed: z.number().int().default(1),
  activity: z.number().min(0).max(ACTIVITY_MAX).default(1),
  since: z.iso.datetime({ offset: true }),
  outages: z.enum(OUTAGE_MODES).default('late'),
});
export type FleetDevice = z.output<typeof FleetDevice>;

export const TimeZone = z.string().refine(isTimeZone, { message: 'is no time zone: write one as Europe/Stockholm' });

/** The file that says which devices to simulate. */
export const DevicesFile = z.object({ zone: TimeZone, devices: z.array(FleetDevice).min(1) });
export type DevicesFile = z.output<typeof DevicesFile>;

/** Reads and checks the file; it holds secrets, so it is refused when others than its owner may read it. */
export async function readDevicesFile(path: string): Promise<DevicesFile> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    throw new Error(`There is no devices file at ${path}.`, { cause });
  });
  // Windows has no such mode bits: there every file would look open.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${path} holds secrets but others may read it. Run: chmod 600 ${path}`);
  }
  return parsed(path, await readFile(path, 'utf8'));
}

function parsed(path: string, text: string): DevicesFile {
  const result = DevicesFile.safeParse(asJson(path, text));
  if (!result.success) throw new Error(`${path} is not as expected:\n${z.prettifyError(result.error)}`);
  return result.data;
}

function asJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} is not JSON.`, { cause });
  }
}
