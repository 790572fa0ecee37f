import type { Family } from './family.js';

/** Sleep robots that breathe or play music in bed. */
export const SLEEP_ROBOT = {
  code: 'sleep_robot',
  name: { sv: 'Sömnrobot', en: 'Sleep robot' },
  power: 'battery',
  batteryLowPercent: 20, // assumption: about a night's use, so charge it today
  batteryCriticalPercent: 10,
  heartbeatSeconds: 3600,
  expectedIntervalSeconds: 3600,
  tolerance: 3,
  dayStartsAtHour: 12,
  maxSessionSeconds: 43_200, // a whole night
  metrics: [
    {
      name: 'session',
      code: 11,
      kind: 'session',
      unit: 'second',
      label: { sv: 'Användning', en: 'Session' },
      attributes: {
        mode: {
          type: 'enum',
          label: { sv: 'Läge', en: 'Mode' },
          values: ['breathe', 'music'],
          labels: { breathe: { sv: 'Andning', en: 'Breathing' }, music: { sv: 'Musik', en: 'Music' } },
        },
      },
      dimensions: ['mode'],
    },
    {
      name: 'battery',
      code: 12,
      kind: 'gauge',
      unit: 'percent',
      label: { sv: 'Batteri', en: 'Battery' },
      attributes: {},
      dimensions: [],
      valueRange: { min: 0, max: 100 },
    },
  ],
  defaultRule: {
    metric: 'session',
    filter: {},
    deduplicateMinutes: 0,
    counterfactualShare: 1,
    minutesPerUnit: 0,
    addedWorkMinutesPerUnit: 0,
    failureMinutes: 0,
    hourlyCostOre: 33_620, // 31 000 kr a month / 142 h × 1.54
    category: 'redistribution',
    evidence: 'A',
    source: {
      sv: 'J Sleep Res 2023: randomiserad studie, n = 44, ingen signifikant effekt. Därför 0 kr tills egna mätningar visar annat.',
      en: 'J Sleep Res 2023: randomised controlled trial, n = 44, no significant effect. Hence 0 kr until own measurements show otherwise.',
    },
    assumption: {
      counterfactualShare: true,
      minutesPerUnit: false,
      addedWorkMinutesPerUnit: true,
      failureMinutes: true,
      hourlyCostOre: true,
    },
  },
  rhythm: {
    metrics: {
      session: {
        eventsPerDay: 1.4,
        hourlyWeights: [
          6, 4, 4, 3, 2, 1, 0.5, 0.2, 0.1, 0.1, 0.1, 0.1, 0.3, 1, 1.5, 0.5, 0.2, 0.2, 0.5, 3, 12, 22, 20, 12,
        ],
        attributes: { mode: { type: 'weights', weights: { breathe: 0.65, music: 0.35 } } },
        sessionSeconds: { mean: 3000, spread: 1500 },
      },
      battery: {
        eventsPerDay: 24,
        hourlyWeights: Array.from({ length: 24 }, () => 1),
        attributes: {},
        gauge: { full: 100, fallPerDay: 22, refillBelow: 15 },
      },
    },
    offlineChancePerHour: 0.006,
    offlineMinutes: { mean: 120, spread: 90 },
  },
} as const satisfies Family;
