import { FINISH_INBOX, type InboxRow, PUT_OFF_INBOX, SETTLE_ENTRIES, SETTLE_IMPORTS, SETTLE_REPLAYS } from '#database';
import type { Rejection } from '#telemetry';
import type { PoolClient } from 'pg';

/** A row whose message has been through the committer: committed with these refusals, or failed as a whole. */
export interface Handled {
  readonly row: InboxRow;
  readonly isCommitted: boolean;
  readonly refusals: readonly Rejection[];
}

/** Says at the origin of each message what became of it and removes its row, in the transaction that holds the row. */
export async function settle(handled: readonly Handled[], client: PoolClient): Promise<void> {
  const done = handled.filter(({ isCommitted }) => isCommitted);
  const failed = handled.filter(({ isCommitted }) => !isCommitted);
  await settleReplays(done, client);
  await settleEntries(done, client);
  await settleImports(done, client);
  if (done.length > 0) await client.query({ ...FINISH_INBOX, values: [idsOf(done)] });
  if (failed.length > 0) await client.query({ ...PUT_OFF_INBOX, values: [idsOf(failed)] });
}

function idsOf(handled: readonly Handled[]): string[] {
  return handled.map(({ row }) => row.id);
}

async function settleReplays(done: readonly Handled[], client: PoolClient): Promise<void> {
  const replays = done.filter(({ row }) => row.reject_id !== null);
  if (replays.length === 0) return;
  const values = [
    replays.map(({ row }) => row.reject_id),
    replays.map(outcomeOf),
    replays.map(({ refusals }) => refusals[0]?.code ?? null),
    replays.map(({ refusals }) => refusals[0]?.reason ?? null),
  ];
  await client.query({ ...SETTLE_REPLAYS, values });
}

async function settleEntries(done: readonly Handled[], client: PoolClient): Promise<void> {
  const entries = done.filter(({ row }) => row.entry_id !== null);
  if (entries.length === 0) return;
  const values = [
    entries.map(({ row }) => row.entry_id),
    entries.map(outcomeOf),
    entries.map(({ refusals }) => refusals[0]?.reason ?? null),
  ];
  await client.query({ ...SETTLE_ENTRIES, values });
}

function outcomeOf({ refusals }: Handled): 'taken' | 'refused' {
  return refusals.length === 0 ? 'taken' : 'refused';
}

/** One row per import, in one order in every process: two of them then wait for each other instead of deadlocking. */
async function settleImports(done: readonly Handled[], client: PoolClient): Promise<void> {
  const imports = Map.groupBy(
    done.filter(({ row }) => row.import_id !== null),
    ({ row }) => String(row.import_id),
  );
  if (imports.size === 0) return;
  const ids = [...imports.keys()].sort();
  const sums = ids.map((id) => countUsages(imports.get(id) ?? []));
  const values = [ids, sums.map(({ taken }) => taken), sums.map(({ refused }) => refused)];
  await client.query({ ...SETTLE_IMPORTS, values });
}

function countUsages(handled: readonly Handled[]): { taken: number; refused: number } {
  let [taken, refused] = [0, 0];
  for (const { row, refusals } of handled) {
    // A refusal without an element is that of the whole message.
    const lost = refusals.some(({ element }) => element === null) ? row.usages : refusals.length;
    taken += row.usages - lost;
    refused += lost;
  }
  return { taken, refused };
}
