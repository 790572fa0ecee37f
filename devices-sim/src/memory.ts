import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { FleetDevice } from './devices-file.js';

const Acknowledged = z.record(z.string(), z.number());

/**
 * Until when each device's messages are acknowledged, in one small JSON file. It only spares repeats: a lost or broken
 * file means that everything is sent once more, which the hub takes without counting twice.
 */
export class Memory {
  private isChanged = false;

  private constructor(
    private readonly path: string | null,
    private readonly acknowledged: Record<string, number>,
  ) {}

  /** Reads the file if there is one; `null` remembers nothing beyond this process. */
  static async open(path: string | null): Promise<Memory> {
    return new Memory(path, path === null ? {} : await readAcknowledged(path));
  }

  acknowledgedUntil(device: FleetDevice): number | null {
    return this.acknowledged[fingerprint(device)] ?? null;
  }

  /** Moves forward only. */
  acknowledge(device: FleetDevice, untilMs: number): void {
    if (untilMs <= (this.acknowledgedUntil(device) ?? 0)) return;
    this.acknowledged[fingerprint(device)] = untilMs;
    this.isChanged = true;
  }

  /** Writes beside and renames, so that a crash leaves the old file whole. */
  async save(): Promise<void> {
    if (this.path === null || !this.isChanged) return;
    this.isChanged = false;
    await mkdir(dirname(this.path), { recursive: true });
    await writeFile(`${this.path}.new`, JSON.stringify(this.acknowledged), { mode: 0o600 });
    await rename(`${this.path}.new`, this.path);
  }
}

/** A device that was set up anew (another secret, start or behaviour) has a new history to tell. */
function fingerprint({ publicId, secret, seed, since, activity }: FleetDevice): string {
  const facts = JSON.stringify([publicId, secret, seed, since, activity]);
  return `${publicId}:${createHash('sha256').update(facts).digest('hex').slice(0, 16)}`;
}

async function readAcknowledged(path: string): Promise<Record<string, number>> {
  try {
    return Acknowledged.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    // Missing, cut short or of another version: all the same, it costs repeats only.
    return {};
  }
}
