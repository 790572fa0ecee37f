import { DeviceLink, type News } from './device-link.js';
import type { FleetDevice } from './devices-file.js';
import type { Memory } from './memory.js';

export interface FleetPlan {
  readonly url: string;
  readonly zone: string;
  readonly devices: readonly FleetDevice[];
  readonly memory: Memory;
  readonly log: (line: string) => void;
}

const SAVE_EVERY_MS = 5000;
const FAREWELL_MS = 2000;

/** Many simulated devices, each with its own connection and credentials. */
export class Fleet {
  private readonly links: readonly DeviceLink[];
  private readonly runs: readonly Promise<void>[];
  private readonly saving: NodeJS.Timeout;

  /** Starts at once. */
  constructor(private readonly plan: FleetPlan) {
    const news = newsFor(plan);
    this.links = plan.devices.map((device) => new DeviceLink(device, { ...plan, news }));
    this.runs = this.links.map((link) => link.run());
    this.saving = setInterval(() => void plan.memory.save().catch(this.tellUnsaved), SAVE_EVERY_MS);
  }

  /** Resolves when every device is connected or has been tried. */
  async tried(): Promise<void> {
    await Promise.all(this.links.map((link) => link.tried));
  }

  /** Rejects if a device fails by a fault of the program; resolves after {@link stop}. */
  async ended(): Promise<void> {
    await Promise.all(this.runs);
  }

  /** Every device says `offline` and leaves; those that cannot within two seconds are cut off. */
  async stop(): Promise<void> {
    clearInterval(this.saving);
    const patience = setTimeout(() => this.links.forEach((link) => link.cut()), FAREWELL_MS);
    await Promise.allSettled([...this.links.map((link) => link.stop()), ...this.runs]);
    clearTimeout(patience);
    await this.plan.memory.save().catch(this.tellUnsaved);
  }

  private readonly tellUnsaved = (error: unknown): void => {
    this.plan.log(`What was acknowledged could not be noted; it costs repeats only. ${String(error)}`);
  };
}

/** One line a device for a refused log-in, one for the whole fleet when nothing answers. */
function newsFor({ url, log }: FleetPlan): News {
  let isUnreachableTold = false;
  return {
    connected: () => (isUnreachableTold = false),
    refused: (publicId, reason) => log(`${publicId}: ${reason}. Trying again about once a minute.`),
    unreachable: (reason) => {
      if (!isUnreachableTold) log(`No connection to ${url} (${reason}). Trying again until there is one.`);
      isUnreachableTold = true;
    },
  };
}
