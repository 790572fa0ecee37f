/** Why something that the request asks for cannot be done as the rows stand: part of the API, rename none. */
export type RefusalCode =
  | 'changed_meanwhile'
  | 'device_retired'
  | 'ended_already'
  | 'import_empty'
  | 'import_unreadable'
  | 'municipality_differs'
  | 'no_usages'
  | 'node_not_in_force'
  | 'placement_overlaps'
  | 'product_family_in_use'
  | 'product_family_differs'
  | 'swap_not_possible'
  | 'time_before_kept_usage'
  | 'time_before_last_change'
  | 'time_in_future'
  | 'too_many_usages'
  | 'trial_family_differs';

const COLLISIONS: readonly RefusalCode[] = ['changed_meanwhile', 'ended_already', 'placement_overlaps'];

/**
 * A refusal that depends on other rows, so that no pure rule of the domain can make it: 409 where something that exists
 * stands in the way, else 422. The message says what, and how to mend it.
 */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly statusCode: 409 | 422;

  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
    this.statusCode = COLLISIONS.includes(code) ? 409 : 422;
  }
}
