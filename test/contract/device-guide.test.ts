import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  MAX_AHEAD_MS,
  MAX_ID_LENGTH,
  MAX_PAYLOAD_BYTES,
  MAX_USAGES_PER_MESSAGE,
  RAW_DAYS,
  REJECT_CODES,
  UPWARD_CHANNELS,
  upwardTopic,
} from '#contracts';
import { LIMITS } from '../../apps/ingest/src/limits.js';

const read = (name: string): string => readFileSync(new URL(`../../docs/guides/${name}.md`, import.meta.url), 'utf8');

describe.each(['device-contract', 'apparatkontrakt'])('the supplier’s page %s says what the code does', (name) => {
  const page = read(name);

  test('every reject code, once, in the contract’s order', () => {
    const codes = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, code]) => code);
    expect(codes).toEqual([...REJECT_CODES]);
  });

  test('every topic', () => {
    for (const channel of UPWARD_CHANNELS) expect(page).toContain(`\`${upwardTopic('{id}', channel)}\``);
  });

  test('the limits', () => {
    const facts = [
      `${MAX_PAYLOAD_BYTES / 1024} KiB`,
      `${LIMITS.packetBytes / 1024} KiB`,
      `${MAX_USAGES_PER_MESSAGE}`,
      `${MAX_ID_LENGTH} `,
      `${RAW_DAYS} da`,
      `${MAX_AHEAD_MS / 60_000} min`,
    ];
    for (const fact of facts) expect(page).toContain(fact);
  });
});
