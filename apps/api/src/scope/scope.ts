import type { Permission, Role } from '#domain';

/** A person who is logged in. */
export interface Person {
  id: string;
  name: string;
  /** The municipality that the account belongs to. */
  rootId: string;
}

declare const granted: unique symbol;

/**
 * Proof that the guard found a valid grant for this permission, and where it holds: on these nodes with their subtrees,
 * and on these trials. Only the guard makes one; every read and write of rows takes one.
 */
export interface Scope<P extends Permission = Permission> {
  readonly [granted]: P;
  readonly permission: P;
  readonly person: Person;
  /** The roles that gave the permission. */
  readonly roles: readonly Role[];
  readonly nodeIds: readonly string[];
  readonly trialIds: readonly string[];
}

/** For the guard alone: brands what it has checked. */
export const grantScope = <P extends Permission>(checked: Omit<Scope<P>, typeof granted>): Scope<P> =>
  checked as Scope<P>;
