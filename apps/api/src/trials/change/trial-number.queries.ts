import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';

/**
 * The next number of a municipality's year, P-2026-014. The number's row stays locked until the transaction ends, so
 * that one who registers at the same time waits, and a transaction that fails leaves no gap.
 */
export async function nextTrialCode(
  tx: EntityManager,
  _scope: Scope,
  { rootId, year }: { rootId: string; year: number },
): Promise<string> {
  const rows = await tx.query<{ last: number }[]>(
    /* sql */ `insert into trial_number as n (root_id, year, last) values ($1, $2, 1)
    on conflict (root_id, year) do update set last = n.last + 1
    returning last`,
    [rootId, year],
  );
  return `P-${year}-${String(rows[0]?.last).padStart(3, '0')}`;
}
