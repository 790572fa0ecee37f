import { assertDay, type Day } from './calendar-date.js';
import { RuleViolation } from './errors.js';

/** What kind of undertaking a trial is. */
export const INITIATIVE_TYPES = ['project', 'quality_work', 'innovation_project'] as const;

export type InitiativeType = (typeof INITIATIVE_TYPES)[number];

/** A project goal (projektmål) is reached by the project, an effect goal (effektmål) by its use. */
export const GOAL_KINDS = ['project', 'effect'] as const;

export type GoalKind = (typeof GOAL_KINDS)[number];

/** Which way an indicator should move (rule B8). */
export const BETTER_WHEN = ['higher', 'lower'] as const;

export type BetterWhen = (typeof BETTER_WHEN)[number];

/** Shortest and longest title, in characters, so that it says something and fits the catalogue's line. */
export const TRIAL_TITLE_MIN = 3;
export const TRIAL_TITLE_MAX = 160;

/** What a trial is registered with; dates may be unknown while it is an idea. */
export interface TrialPlan {
  readonly title: string;
  readonly initiativeType: InitiativeType;
  readonly startsOn?: Day | null | undefined;
  readonly endsOn?: Day | null | undefined;
}

/**
 * Checks a trial's plan and returns it with the title trimmed; fields beyond {@link TrialPlan} pass untouched.
 * Throws `trial_title`, `date_not_real`, or `trial_dates` when it does not end after it starts.
 */
export function planTrial<Plan extends TrialPlan>(plan: Plan): Plan {
  assertDates(plan.startsOn ?? null, plan.endsOn ?? null);
  return { ...plan, title: checkedTitle(plan.title) };
}

function checkedTitle(title: string): string {
  const trimmed = title.trim();
  if (trimmed.length >= TRIAL_TITLE_MIN && trimmed.length <= TRIAL_TITLE_MAX) return trimmed;
  throw new RuleViolation(
    'trial_title',
    `The title must have ${TRIAL_TITLE_MIN} to ${TRIAL_TITLE_MAX} characters: rewrite it.`,
    {
      length: trimmed.length,
      max: TRIAL_TITLE_MAX,
    },
  );
}

function assertDates(startsOn: Day | null, endsOn: Day | null): void {
  if (startsOn !== null) assertDay(startsOn, 'startsOn');
  if (endsOn !== null) assertDay(endsOn, 'endsOn');
  if (startsOn === null || endsOn === null || startsOn < endsOn) return;
  throw new RuleViolation('trial_dates', `The trial runs ${startsOn} to ${endsOn}: choose an end after the start.`, {
    startsOn,
    endsOn,
  });
}
