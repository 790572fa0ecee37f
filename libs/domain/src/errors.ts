/** Every way a rule of the domain can be broken. The codes are part of the API: rename none, add at the end. */
export const RULE_CODES = [
  'own_grant',
  'grant_not_allowed',
  'child_kind_not_allowed',
  'date_not_real',
  'validity_reversed',
  'lifecycle_not_reachable',
  'placement_times',
  'placement_needs_trial',
  'placement_arm_not_allowed',
  'placement_takes_no_trial',
  'placement_overlaps',
  'swap_not_possible',
  'trial_title',
  'trial_dates',
  'stage_not_reachable',
  'reason_required',
  'measurement_rule_metric',
  'measurement_rule_filter',
  'measurement_rule_number',
  'counterfactual_twice',
  'amount_not_whole_ore',
  'amount_too_large',
  'number_not_finite',
  'division_by_zero',
  'estimate_order',
  'rate_out_of_range',
  'horizon_out_of_range',
  'time_zone_unknown',
  'validity_outside_parent',
  'node_in_use',
  'last_administrator',
  'account_beyond_scope',
  'account_disabled',
  'own_password_reset',
  'mapping_metric',
  'mapping_attribute',
  'mapping_value',
  'mapping_session',
] as const;

export type RuleCode = (typeof RULE_CODES)[number];

/** A broken rule: `code` for programs, `message` (English: what, where, how to mend) for people, `details` for forms. */
export class RuleViolation extends Error {
  override readonly name = 'RuleViolation';

  constructor(
    readonly code: RuleCode,
    message: string,
    readonly details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
  }
}
