import { RuleViolation } from './errors.js';
import type { Interval } from './interval.js';

/**
 * A trial's life (rule D3):
 *
 *     idea → preparation → approved → running ⇄ judgement → procurement → rollout → operation → closed
 *
 * `paused` from any stage before the end, and back to where it was; `stopped` from any stage before the end; a stopped
 * trial is closed after its follow-up. Judging for another target group is a new trial linked to this one, no stage.
 */
export const TRIAL_STAGES = [
  'idea',
  'preparation',
  'approved',
  'running',
  'judgement',
  'procurement',
  'rollout',
  'operation',
  'closed',
  'stopped',
  'paused',
] as const;

export type TrialStage = (typeof TRIAL_STAGES)[number];

/** One step of a trial's life; the history is the list of them, the first being `idea`. */
export interface StageChange {
  readonly stage: TrialStage;
  readonly at: Date;
}

/** A step that is asked for. */
export interface StageMove {
  readonly changes: readonly StageChange[];
  readonly to: TrialStage;
  readonly reason?: string | null | undefined;
}

const NEXT_STAGES: Readonly<Record<Exclude<TrialStage, 'paused'>, readonly TrialStage[]>> = {
  idea: ['preparation', 'paused', 'stopped'],
  preparation: ['approved', 'paused', 'stopped'],
  approved: ['running', 'paused', 'stopped'],
  running: ['judgement', 'paused', 'stopped'],
  judgement: ['procurement', 'running', 'paused', 'stopped'],
  procurement: ['rollout', 'paused', 'stopped'],
  rollout: ['operation', 'paused', 'stopped'],
  operation: ['closed', 'paused', 'stopped'],
  closed: [],
  stopped: ['closed'],
};

/** The history in order of time; changes at the same instant keep their order. */
function inOrder(changes: readonly StageChange[]): StageChange[] {
  return [...changes].sort((one, other) => one.at.getTime() - other.at.getTime());
}

/** The stage a trial is in now, `null` before its first change. */
export function currentStage(changes: readonly StageChange[]): TrialStage | null {
  return inOrder(changes).at(-1)?.stage ?? null;
}

/** The stage a trial was in at an instant, `null` before its first change. */
export function stageAt(changes: readonly StageChange[], at: Date): TrialStage | null {
  return currentStage(changes.filter((change) => change.at.getTime() <= at.getTime()));
}

/** The stages that a trial with this history may move to next; `['idea']` for none. */
export function nextStages(changes: readonly StageChange[]): readonly TrialStage[] {
  const stage = currentStage(changes);
  if (stage === null) return ['idea'];
  if (stage !== 'paused') return NEXT_STAGES[stage];
  const before = inOrder(changes).findLast((change) => change.stage !== 'paused');
  return before === undefined ? ['stopped'] : [before.stage, 'stopped'];
}

/** Whether a step must say why: every pause and stop, and the way back from judgement (extend). */
export function isReasonRequired(from: TrialStage | null, to: TrialStage): boolean {
  return to === 'stopped' || to === 'paused' || (from === 'judgement' && to === 'running');
}

/**
 * Checks a step and returns its stage and trimmed reason. Throws `stage_not_reachable`, naming the allowed stages, and
 * `reason_required`. What a gate needs before it opens is not checked here.
 */
export function moveTrial({ changes, to, reason }: StageMove): { stage: TrialStage; reason: string | null } {
  const from = currentStage(changes);
  assertReachable(changes, to);
  const why = reason?.trim() ?? '';
  if (why === '' && isReasonRequired(from, to)) {
    throw new RuleViolation('reason_required', `Going from ${from ?? 'nothing'} to ${to} needs a reason: write why.`, {
      from,
      to,
    });
  }
  return { stage: to, reason: why === '' ? null : why };
}

function assertReachable(changes: readonly StageChange[], to: TrialStage): void {
  const allowed = nextStages(changes);
  if (allowed.includes(to)) return;
  const from = currentStage(changes);
  const mend = allowed.length > 0 ? `choose one of ${allowed.join(', ')}` : 'its life has ended';
  throw new RuleViolation('stage_not_reachable', `A trial cannot go from ${from ?? 'nothing'} to ${to}: ${mend}.`, {
    from,
    to,
    allowed,
  });
}

/**
 * The time that counts as the trial's: [running, judgement) minus pauses, and up to a stop (rule U9). The last interval
 * is open while the trial runs. Empty stretches are left out.
 */
export function runningIntervals(changes: readonly StageChange[]): Interval[] {
  const ordered = inOrder(changes);
  return ordered
    .map((change, index) => ({ stage: change.stage, from: change.at, to: ordered[index + 1]?.at ?? null }))
    .filter(({ stage, from, to }) => stage === 'running' && (to === null || to.getTime() > from.getTime()))
    .map(({ from, to }) => ({ from, to }));
}

/** Whether rules, thresholds and goals are frozen at this stage (rule B10). A paused or stopped trial's are. */
export function isFrozen(stage: TrialStage): boolean {
  return stage !== 'idea' && stage !== 'preparation';
}

/** Throws `reason_required` when a rule, threshold or goal changes from `approved` on without a reason (rule B10). */
export function assertRuleChange({ stage, reason }: { stage: TrialStage; reason?: string | null | undefined }): void {
  if (!isFrozen(stage) || (reason?.trim() ?? '') !== '') return;
  throw new RuleViolation(
    'reason_required',
    `Rules and goals are frozen since the approval (stage ${stage}): write why this one changes; it becomes a new version.`,
    { stage },
  );
}
