import { describe, expect, it } from 'vitest';
import { planTrial } from './trial.js';

describe('planning a trial', () => {
  const plan = { title: ' Nyckelfria lås ', initiativeType: 'project' } as const;

  it('trims the title and keeps other fields', () => {
    expect(planTrial({ ...plan, ownerNodeId: 'n1' })).toEqual({
      title: 'Nyckelfria lås',
      initiativeType: 'project',
      ownerNodeId: 'n1',
    });
  });

  it.each([
    [{ ...plan, title: ' ab ' }, 'trial_title'],
    [{ ...plan, title: 'x'.repeat(161) }, 'trial_title'],
    [{ ...plan, startsOn: '2026-05-01', endsOn: '2026-05-01' }, 'trial_dates'],
    [{ ...plan, startsOn: '2026-05-02', endsOn: '2026-05-01' }, 'trial_dates'],
    [{ ...plan, startsOn: '2026-02-30' }, 'date_not_real'],
    [{ ...plan, endsOn: 'soon' }, 'date_not_real'],
  ])('refuses %o as %s', (broken, code) => {
    expect(() => planTrial(broken)).toThrow(expect.objectContaining({ code }));
  });
});
