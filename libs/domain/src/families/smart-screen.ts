import type { Family } from './family.js';

/** Smart TV screens in care homes: broadcasts, messages and video calls. */
export const SMART_SCREEN = {
  code: 'smart_screen',
  name: { sv: 'Smart skärm', en: 'Smart screen' },
  power: 'mains',
  heartbeatSeconds: 300,
  expectedIntervalSeconds: 300,
  tolerance: 3,
  dayStartsAtHour: 0,
  maxSessionSeconds: 14_400,
  metrics: [
    {
      name: 'stream',
      code: 21,
      kind: 'session',
      unit: 'second',
      label: { sv: 'Sändning', en: 'Broadcast' },
      attributes: {
        // One broadcast reaches many screens; only the sending one stands for the broadcast (count sessions, not viewers).
        role: {
          type: 'enum',
          label: { sv: 'Roll', en: 'Role' },
          values: ['sender', 'viewer'],
          labels: { sender: { sv: 'Sänder', en: 'Sender' }, viewer: { sv: 'Visar', en: 'Viewer' } },
        },
        content: {
          type: 'enum',
          label: { sv: 'Innehåll', en: 'Content' },
          values: ['activity', 'information', 'culture'],
          labels: {
            activity: { sv: 'Aktivitet', en: 'Activity' },
            information: { sv: 'Information', en: 'Information' },
            culture: { sv: 'Kultur', en: 'Culture' },
          },
        },
      },
      dimensions: ['role', 'content'],
    },
    {
      name: 'message_shown',
      code: 22,
      kind: 'event',
      unit: 'count',
      label: { sv: 'Visat meddelande', en: 'Message shown' },
      attributes: {
        topic: {
          type: 'enum',
          label: { sv: 'Ämne', en: 'Topic' },
          values: ['menu', 'activity', 'weather', 'notice'],
          labels: {
            menu: { sv: 'Matsedel', en: 'Menu' },
            activity: { sv: 'Aktivitet', en: 'Activity' },
            weather: { sv: 'Väder', en: 'Weather' },
            notice: { sv: 'Besked', en: 'Notice' },
          },
        },
      },
      dimensions: ['topic'],
      valueRange: { min: 1, max: 1 },
    },
    {
      name: 'call',
      code: 23,
      kind: 'session',
      unit: 'second',
      label: { sv: 'Videosamtal', en: 'Video call' },
      attributes: {
        with: {
          type: 'enum',
          label: { sv: 'Med', en: 'With' },
          values: ['relative', 'staff', 'other'],
          labels: {
            relative: { sv: 'Anhörig', en: 'Relative' },
            staff: { sv: 'Personal', en: 'Staff' },
            other: { sv: 'Annan', en: 'Other' },
          },
        },
      },
      dimensions: ['with'],
    },
  ],
  defaultRule: {
    metric: 'stream',
    filter: { role: ['sender'] },
    deduplicateMinutes: 0,
    counterfactualShare: 1,
    minutesPerUnit: 15,
    addedWorkMinutesPerUnit: 0,
    failureMinutes: 0,
    hourlyCostOre: 33_620, // 31 000 kr a month / 142 h × 1.54
    category: 'redistribution',
    evidence: 'E',
    source: {
      sv: 'Antagande: varje sändning ersätter en samling som tog 15 minuter att förbereda. Sändningar räknas, inte tittare.',
      en: 'Assumption: each broadcast replaces a gathering that took 15 minutes to prepare. Broadcasts are counted, not viewers.',
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
      stream: {
        eventsPerDay: 2.5,
        hourlyWeights: [0, 0, 0, 0, 0, 0, 0, 0.5, 2, 8, 14, 8, 2, 6, 14, 10, 4, 3, 6, 5, 1, 0, 0, 0],
        attributes: {
          role: { type: 'weights', weights: { sender: 0.2, viewer: 0.8 } },
          content: { type: 'weights', weights: { activity: 0.5, information: 0.2, culture: 0.3 } },
        },
        sessionSeconds: { mean: 2400, spread: 900 },
      },
      message_shown: {
        eventsPerDay: 400, // every 3 minutes by day, every 7 at night, when the clock and the night staff's notices are shown
        hourlyWeights: [8, 8, 8, 8, 8, 9, 12, 17, 19, 19, 19, 20, 20, 19, 18, 18, 18, 19, 18, 16, 14, 12, 10, 9],
        attributes: { topic: { type: 'weights', weights: { menu: 0.3, activity: 0.35, weather: 0.15, notice: 0.2 } } },
      },
      call: {
        eventsPerDay: 1.2,
        hourlyWeights: [0, 0, 0, 0, 0, 0, 0, 0.2, 1, 4, 8, 7, 3, 7, 9, 9, 8, 7, 10, 8, 3, 0.5, 0, 0],
        attributes: { with: { type: 'weights', weights: { relative: 0.75, staff: 0.2, other: 0.05 } } },
        sessionSeconds: { mean: 780, spread: 420 },
      },
    },
    offlineChancePerHour: 0.002,
    offlineMinutes: { mean: 25, spread: 20 },
  },
} as const satisfies Family;
