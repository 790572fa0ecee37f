import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDevicesFile } from './devices-file.js';

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'devices-file-'))));
afterAll(() => rm(folder, { recursive: true }));

const DEVICE = {
  publicId: 'lock-1',
  secret: 's',
  family: 'keyless_lock',
  seed: 3,
  activity: 2,
  since: '2026-01-01T00:00:00Z',
};

async function fileWith(content: unknown, mode = 0o600): Promise<string> {
  const path = join(folder, 'devices.json');
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  await chmod(path, mode);
  return path;
}

describe('the devices file', () => {
  it('is read with its defaults', async () => {
    const path = await fileWith({ zone: 'Europe/Stockholm', devices: [DEVICE] });
    expect(await readDevicesFile(path)).toEqual({
      zone: 'Europe/Stockholm',
      devices: [{ ...DEVICE, outages: 'late' }],
    });
  });

  it('is refused when others may read its secrets', async () => {
    const path = await fileWith({ zone: 'Europe/Stockholm', devices: [DEVICE] }, 0o644);
    await expect(readDevicesFile(path)).rejects.toThrow(/chmod 600/);
  });

  it.each([
    ['a missing zone', { devices: [DEVICE] }, /zone/],
    ['an unknown zone', { zone: 'Europe/Nowhere', devices: [DEVICE] }, /no time zone/],
    [
      'an unknown family',
      { zone: 'Europe/Stockholm', devices: [{ ...DEVICE, family: 'toaster' }] },
      /devices\[0\].family/,
    ],
    ['an id that is a wildcard', { zone: 'Europe/Stockholm', devices: [{ ...DEVICE, publicId: 'a/#' }] }, /publicId/],
    ['no JSON', '{', /is not JSON/],
  ])('names the place of %s', async (_what, content, message) => {
    await expect(readDevicesFile(await fileWith(content))).rejects.toThrow(message);
  });

  it('says where it was looked for', async () => {
    await expect(readDevicesFile(join(folder, 'none.json'))).rejects.toThrow(/no devices file at .*none\.json/);
  });
});
