import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pickPort } from '../support/free-port.js';
import { type Program, startProgram } from './program.js';

/**
 * `default`: what Mosquitto comes with, 1,000 messages queued and 20 in flight for a subscriber. `raised`: the queue is not
 * bounded; still 20 in flight, for without that bound Nest took more CPU a message and stored no faster.
 */
export type QueueLimits = 'default' | 'raised';

/** A Mosquitto as Debian sets it up, on a loopback port of its own. */
export interface PlainMosquitto {
  port: number;
  pid: number;
  /** Ends it and removes what it has stored. */
  remove(): Promise<void>;
}

/** Anybody may log in and publish anywhere: no password, no access rule costs the peers anything. */
const configuration = (folder: string, port: number, limits: QueueLimits): string =>
  [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    'log_dest stderr',
    'log_type notice',
    'log_type information',
    'connection_messages false',
    ...(limits === 'raised' ? ['max_queued_messages 0'] : []),
    // Started by root it would become a user that cannot write to the folder.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ].join('\n');

/** Starts the machine's own Mosquitto. */
export async function startPlainMosquitto(limits: QueueLimits): Promise<PlainMosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'nyttospar-mosquitto-'));
  const port = await pickPort();
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, configuration(folder, port, limits));
  const program: Program = await startProgram({
    command: 'mosquitto',
    args: ['-c', file],
    ready: /version \S+ running/,
  });
  return {
    port,
    pid: program.pid,
    remove: async () => {
      await program.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
