import type { Family } from './family.js';

/** Keyless locks in home care: the door opens by phone or tag instead of a key that had to be fetched. */
export const KEYLESS_LOCK = {
  code: 'keyless_lock',
  name: { sv: 'Nyckelfritt lås', en: 'Keyless lock' },
  power: 'battery',
  batteryLowPercent: 15, // assumption: at 0.4 % a day five weeks are left to change it
  batteryCriticalPercent: 5,
  heartbeatSeconds: 3600,
  expectedIntervalSeconds: 3600,
  tolerance: 3,
  dayStartsAtHour: 0,
  maxSessionSeconds: 3600,
  metrics: [
    {
      name: 'unlock',
      code: 1,
      kind: 'event',
      unit: 'count',
      label: { sv: 'Öppning', en: 'Opening' },
      attributes: {
        result: {
          type: 'enum',
          label: { sv: 'Utfall', en: 'Result' },
          values: ['success', 'failure'],
          labels: { success: { sv: 'Lyckad', en: 'Successful' }, failure: { sv: 'Misslyckad', en: 'Failed' } },
        },
        // The actor's role, never who it was: no ranking of staff (domain.md §7).
        actor_role: {
          type: 'enum',
          label: { sv: 'Vem som öppnade', en: 'Who opened' },
          values: ['staff', 'relative', 'other'],
          labels: {
            staff: { sv: 'Personal', en: 'Staff' },
            relative: { sv: 'Anhörig', en: 'Relative' },
            other: { sv: 'Annan', en: 'Other' },
          },
        },
        visit: {
          type: 'enum',
          label: { sv: 'Besök', en: 'Visit' },
          values: ['planned', 'unplanned'],
          labels: { planned: { sv: 'Planerat', en: 'Planned' }, unplanned: { sv: 'Oplanerat', en: 'Unplanned' } },
        },
      },
      dimensions: ['result', 'actor_role'],
      valueRange: { min: 1, max: 1 },
    },
    {
      name: 'battery',
      code: 2,
      kind: 'gauge',
      unit: 'percent',
      label: { sv: 'Batteri', en: 'Battery' },
      attributes: {},
      dimensions: [],
      valueRange: { min: 0, max: 100 },
    },
  ],
  defaultRule: {
    metric: 'unlock',
    filter: { result: ['success'], actor_role: ['staff'] },
    deduplicateMinutes: 5,
    counterfactualShare: 0.3,
    counterfactualDimension: 'visit',
    minutesPerUnit: 2,
    addedWorkMinutesPerUnit: 0,
    failureFilter: { result: ['failure'], actor_role: ['staff'] },
    failureMinutes: 10,
    hourlyCostOre: 33_620, // 31 000 kr a month / 142 h × 1.54
    category: 'redistribution',
    evidence: 'E',
    source: {
      sv: 'Antagande: 2 minuter per besök (1–4), 30 % av besöken krävde en nyckelresa, 10 minuter per misslyckad öppning. Timkostnad enligt Ineras modell.',
      en: 'Assumption: 2 minutes a visit (1–4), 30% of visits needed a key trip, 10 minutes per failed opening. Hourly cost by Inera’s model.',
    },
    assumption: {
      counterfactualShare: true,
      minutesPerUnit: true,
      addedWorkMinutesPerUnit: true,
      failureMinutes: true,
      hourlyCostOre: true,
    },
  },
  rhythm: {
    metrics: {
      unlock: {
        eventsPerDay: 6,
        // Home care's rounds: morning, lunch, dinner, bedtime, and a few night visits.
        hourlyWeights: [1, 1, 1, 1, 1, 2, 6, 16, 18, 12, 7, 8, 14, 8, 5, 5, 8, 12, 9, 10, 12, 9, 4, 2],
        attributes: {
          result: { type: 'weights', weights: { success: 0.975, failure: 0.025 } },
          actor_role: { type: 'weights', weights: { staff: 0.82, relative: 0.13, other: 0.05 } },
          visit: { type: 'weights', weights: { planned: 0.9, unplanned: 0.1 } },
        },
      },
      battery: {
        eventsPerDay: 24,
        hourlyWeights: Array.from({ length: 24 }, () => 1),
        attributes: {},
        gauge: { full: 100, fallPerDay: 0.4, refillBelow: 12 },
      },
    },
    offlineChancePerHour: 0.004,
    offlineMinutes: { mean: 90, spread: 60 },
  },
} as const satisfies Family;
