/** A reader that has stopped reading until there is room. */
interface Waiting {
  readOn(): void;
}

/** Bytes taken from all clients and not acknowledged yet: bounded, so that overload slows and does not swell memory. */
export class Backlog {
  private bytes = 0;
  private waiting = new Set<Waiting>();

  constructor(private readonly maxBytes: number) {}

  get isFull(): boolean {
    return this.bytes > this.maxBytes;
  }

  add(bytes: number): void {
    this.bytes += bytes;
  }

  remove(bytes: number): void {
    const wasFull = this.isFull;
    this.bytes -= bytes;
    if (wasFull && !this.isFull) setImmediate(() => this.wake());
  }

  /** The reader is told once, when there is room again; it looks for itself whether there still is. */
  whenRoom(reader: Waiting): void {
    if (this.isFull) this.waiting.add(reader);
  }

  private wake(): void {
    const readers = this.waiting;
    this.waiting = new Set();
    for (const reader of readers) reader.readOn();
  }
}
