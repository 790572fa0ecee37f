import { ENTER_LEDGER, READ_LEDGER } from '#database';
import type { UsageDraft } from '#telemetry';
import type { Client } from 'pg';
import type { Device } from '../custody.js';
import { instantArray, int4Array, keyArray } from './binary-array.js';
import type { Entry } from './entry.js';

/** A usage whose id came without a time. */
export interface LedgerUsage {
  readonly entry: Entry;
  readonly device: Device;
  readonly draft: UsageDraft;
}

/**
 * The event times of usages that carry an id but no time: the time at which the id was received first (rule U1). The
 * ledger is written ahead of the rows: after a crash in between, the redelivery gets the same time.
 */
export async function settleLedger(usages: readonly LedgerUsage[], client: Client): Promise<number[]> {
  if (usages.length === 0) return [];
  const firsts = [...new Map(usages.toReversed().map((usage) => [nameOf(usage), usage])).values()];
  const devices = int4Array(firsts.map(({ device }) => device.key));
  const keys = keyArray(firsts.map(({ draft }) => draft.key));
  await client.query({
    ...ENTER_LEDGER,
    values: [devices, keys, instantArray(firsts.map(({ entry }) => entry.receivedAtMs))],
  });
  const { rows } = await client.query<{ at_ms: number }>({ ...READ_LEDGER, values: [devices, keys] });
  const times = new Map(firsts.map((usage, index) => [nameOf(usage), rows[index]?.at_ms]));
  return usages.map((usage) => times.get(nameOf(usage)) ?? usage.entry.receivedAtMs);
}

function nameOf({ device, draft }: LedgerUsage): string {
  return `${device.key}:${draft.key.high}:${draft.key.low}`;
}
