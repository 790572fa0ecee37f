import { assertDay, type Day } from './calendar-date.js';
import { RuleViolation } from './errors.js';

/** The levels of the organisation tree, outermost first. */
export const NODE_KINDS = ['municipality', 'committee', 'department', 'service_area', 'unit', 'place'] as const;

export type NodeKind = (typeof NODE_KINDS)[number];

/** A node's validity, `[validFrom, validTo)` in dates; `null` is open-ended (rule D6). */
export interface Validity {
  readonly validFrom: Day;
  readonly validTo: Day | null;
}

/**
 * The kinds that may stand under a parent; `null` is the root. A child comes later in the order than its parent and
 * levels may be skipped. A place (a room, a home, a store) stands only under a service area or a unit: custody and
 * small-count rules (P4) need a responsible unit-like node above it.
 */
export function childKindsOf(parent: NodeKind | null): readonly NodeKind[] {
  if (parent === null) return ['municipality'];
  const later = NODE_KINDS.slice(NODE_KINDS.indexOf(parent) + 1);
  return parent === 'unit' || parent === 'service_area' ? later : later.filter((kind) => kind !== 'place');
}

/** Throws `child_kind_not_allowed`, naming the kinds that {@link childKindsOf} allows. */
export function assertChildKind(parent: NodeKind | null, child: NodeKind): void {
  const allowed = childKindsOf(parent);
  if (allowed.includes(child)) return;
  const where = parent === null ? 'at the top' : `under a ${parent}`;
  const mend = allowed.length > 0 ? `choose one of ${allowed.join(', ')}` : 'nothing stands under it';
  throw new RuleViolation('child_kind_not_allowed', `A ${child} cannot stand ${where}: ${mend}.`, {
    parent,
    child,
    allowed,
  });
}

/** Checks `[from, to)`: real dates (`date_not_real`) and at least one day long (`validity_reversed`). */
export function assertValidity(from: Day, to: Day | null): void {
  assertDay(from, 'validFrom');
  if (to === null) return;
  assertDay(to, 'validTo');
  if (to > from) return;
  throw new RuleViolation('validity_reversed', `Valid from ${from} to ${to}: the end must come after the start.`, {
    from,
    to,
  });
}

/** Whether a node is in force on a date: reports state "tree as of" (rule D6). */
export function isValidOn(node: Validity, day: Day): boolean {
  return node.validFrom <= day && (node.validTo === null || day < node.validTo);
}

/** A child's validity lies within its parent's; throws `validity_outside_parent` otherwise. */
export function assertWithinParent(child: Validity, parent: Validity): void {
  const startsIn = child.validFrom >= parent.validFrom;
  const endsIn = parent.validTo === null || (child.validTo !== null && child.validTo <= parent.validTo);
  if (startsIn && endsIn) return;
  const until = parent.validTo ?? 'further notice';
  throw new RuleViolation(
    'validity_outside_parent',
    `The node above is valid from ${parent.validFrom} to ${until}: choose dates within that.`,
    { validFrom: parent.validFrom, validTo: parent.validTo },
  );
}

/** What would still be in use at a node on the date it is to be closed. */
export interface NodeUse {
  readonly isRoot: boolean;
  readonly openChildren: number;
  readonly openPlacements: number;
}

/** Throws `node_in_use` for a municipality, and for a node with children or placements that go on after its end. */
export function assertMayClose({ isRoot, openChildren, openPlacements }: NodeUse): void {
  if (!isRoot && openChildren === 0 && openPlacements === 0) return;
  const why = isRoot
    ? 'A municipality cannot be closed.'
    : `${openChildren} nodes and ${openPlacements} placements go on after that date: end or move them first.`;
  throw new RuleViolation('node_in_use', why, { openChildren, openPlacements });
}
