import { describe, expect, it } from 'vitest';
import {
  assertRuleChange,
  isFrozen,
  moveTrial,
  nextStages,
  runningIntervals,
  stageAt,
  TRIAL_STAGES,
  type StageChange,
  type TrialStage,
} from './stage.js';

const day = (number: number) => new Date(Date.UTC(2026, 0, number));

/** One change a day from 1 January. */
const history = (...stages: TrialStage[]): StageChange[] =>
  stages.map((stage, index) => ({ stage, at: day(index + 1) }));

describe('the table of stages (rule D3)', () => {
  it.each<[TrialStage, TrialStage[]]>([
    ['idea', ['preparation', 'paused', 'stopped']],
    ['preparation', ['approved', 'paused', 'stopped']],
    ['approved', ['running', 'paused', 'stopped']],
    ['running', ['judgement', 'paused', 'stopped']],
    ['judgement', ['procurement', 'running', 'paused', 'stopped']],
    ['procurement', ['rollout', 'paused', 'stopped']],
    ['rollout', ['operation', 'paused', 'stopped']],
    ['operation', ['closed', 'paused', 'stopped']],
    ['stopped', ['closed']],
    ['closed', []],
  ])('from %s come %j and nothing else', (from, allowed) => {
    expect(nextStages(history(from))).toEqual(allowed);
    for (const to of TRIAL_STAGES) {
      const move = () => moveTrial({ changes: history(from), to, reason: 'decided' });
      if (allowed.includes(to)) expect(move().stage).toBe(to);
      else expect(move).toThrow(expect.objectContaining({ code: 'stage_not_reachable' }));
    }
  });

  it('starts with an idea', () => {
    expect(nextStages([])).toEqual(['idea']);
  });

  it.each(TRIAL_STAGES.filter((stage) => !['paused', 'stopped', 'closed'].includes(stage)))(
    'returns from a pause to where it was: %s',
    (stage) => {
      expect(nextStages(history(stage, 'paused'))).toEqual([stage, 'stopped']);
    },
  );

  it('names the allowed stages when it refuses', () => {
    expect(() => moveTrial({ changes: history('idea'), to: 'running' })).toThrow(
      'A trial cannot go from idea to running: choose one of preparation, paused, stopped.',
    );
  });
});

describe('reasons', () => {
  it.each<[TrialStage, TrialStage]>([
    ['running', 'paused'],
    ['idea', 'stopped'],
    ['judgement', 'running'],
  ])('are required from %s to %s', (from, to) => {
    const changes = history(from);
    expect(() => moveTrial({ changes, to })).toThrow(expect.objectContaining({ code: 'reason_required' }));
    expect(() => moveTrial({ changes, to, reason: ' ' })).toThrow(expect.objectContaining({ code: 'reason_required' }));
    expect(moveTrial({ changes, to, reason: ' too early ' })).toEqual({ stage: to, reason: 'too early' });
  });

  it('are not required on the way forward or back from a pause', () => {
    expect(moveTrial({ changes: history('running'), to: 'judgement' })).toEqual({ stage: 'judgement', reason: null });
    expect(moveTrial({ changes: history('running', 'paused'), to: 'running' }).reason).toBeNull();
  });
});

describe('the trial’s own time (rule U9)', () => {
  it.each<[string, TrialStage[], [number, number | null][]]>([
    ['none before it runs', ['idea', 'preparation', 'approved'], []],
    ['open while it runs', ['approved', 'running'], [[2, null]]],
    ['up to judgement', ['running', 'judgement', 'procurement'], [[1, 2]]],
    [
      'without its pauses',
      ['running', 'paused', 'running', 'judgement'],
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'again when extended',
      ['running', 'judgement', 'running'],
      [
        [1, 2],
        [3, null],
      ],
    ],
    ['up to a stop', ['running', 'stopped', 'closed'], [[1, 2]]],
    ['not while judgement is paused', ['running', 'judgement', 'paused', 'judgement'], [[1, 2]]],
  ])('%s', (_name, stages, expected) => {
    const intervals = expected.map(([from, to]) => ({ from: day(from), to: to === null ? null : day(to) }));
    expect(runningIntervals(history(...stages))).toEqual(intervals);
    expect(runningIntervals(history(...stages).reverse())).toEqual(intervals); // any order
  });

  it('leaves out a run of no length', () => {
    const at = day(1);
    expect(
      runningIntervals([
        { stage: 'running', at },
        { stage: 'paused', at },
      ]),
    ).toEqual([]);
  });

  it.each([
    [new Date(day(1).getTime() - 1), null],
    [day(1), 'idea'],
    [new Date(day(2).getTime() - 1), 'idea'],
    [day(2), 'preparation'],
  ])('was at %s in %s', (at, stage) => {
    expect(stageAt(history('idea', 'preparation'), at)).toBe(stage);
  });
});

describe('frozen rules (rule B10)', () => {
  it('freezes from approved on, pauses and stops included', () => {
    expect(TRIAL_STAGES.filter((stage) => !isFrozen(stage))).toEqual(['idea', 'preparation']);
  });

  it('lets a frozen rule change only with a reason', () => {
    expect(() => assertRuleChange({ stage: 'preparation' })).not.toThrow();
    expect(() => assertRuleChange({ stage: 'running', reason: 'wrong minutes' })).not.toThrow();
    expect(() => assertRuleChange({ stage: 'approved', reason: '' })).toThrow(
      expect.objectContaining({ code: 'reason_required' }),
    );
  });
});
