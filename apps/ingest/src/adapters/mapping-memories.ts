import { READ_MAPPING_MEMORY, RECORD_MAPPING_MEMORY } from '#database';
import { type MappingMemory, NO_MEMORY } from '#telemetry';
import type { Pool } from 'pg';

/**
 * What mappings remember of devices: at once for the next message, for good when the message is committed. A message that
 * could not be committed is forgotten again, since it will be sent again.
 *
 * Written a few times a second after the commits, and at the stop: a kill within a quarter of a second after a change may
 * have a source that repeats its state under a new time count that change twice.
 */
export class MappingMemories {
  private readonly current = new Map<number, MappingMemory>();
  private readonly committed = new Map<number, MappingMemory>();
  private unwritten = new Set<number>();

  constructor(private readonly pool: Pool) {}

  async load(): Promise<void> {
    const { rows } = await this.pool.query<{ device_key: number; memory: MappingMemory }>(READ_MAPPING_MEMORY);
    for (const { device_key: key, memory } of rows) {
      this.current.set(key, memory);
      this.committed.set(key, memory);
    }
  }

  of(deviceKey: number): MappingMemory {
    return this.current.get(deviceKey) ?? NO_MEMORY;
  }

  /** From now on; call what it answers when the message has been committed, or with what went wrong. */
  advance(memories: ReadonlyMap<number, MappingMemory>): (error?: Error) => void {
    for (const [key, memory] of memories) this.current.set(key, memory);
    return (error) => {
      for (const [key, memory] of memories) {
        if (error) this.current.set(key, this.committed.get(key) ?? NO_MEMORY);
        else this.keep(key, memory);
      }
    };
  }

  /** Writes what has changed. What could not be written is kept for the next time. */
  async flush(): Promise<void> {
    if (this.unwritten.size === 0) return;
    const keys = [...this.unwritten].sort((one, other) => one - other);
    this.unwritten = new Set();
    try {
      const memories = keys.map((key) => JSON.stringify(this.committed.get(key) ?? NO_MEMORY));
      await this.pool.query({ ...RECORD_MAPPING_MEMORY, values: [keys, memories] });
    } catch (error) {
      keys.forEach((key) => this.unwritten.add(key));
      throw error;
    }
  }

  private keep(key: number, memory: MappingMemory): void {
    this.committed.set(key, memory);
    this.unwritten.add(key);
  }
}
