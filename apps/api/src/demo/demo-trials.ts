import type { RegisterTrial } from '#contracts';
import {
  addDays,
  addMonths,
  type Day,
  FAMILIES,
  type FamilyCode,
  hourlyCostOre,
  ruleOf,
  type TrialStage,
  type UsageFilter,
  valueUnits,
} from '#domain';

/** A trial of the demo: what it is registered with, when it came where, and where its devices stand. */
export interface DemoTrial {
  key: string;
  product: string;
  owner: string;
  participating: readonly string[];
  /** Days before today at which each stage was reached; the first is the registration. */
  stages: readonly { stage: TrialStage; daysAgo: number }[];
  /** Prefixes of the places where its devices stand, one each, and of their asset tags. */
  places: readonly string[];
  tags: string;
  plan(startsOn: Day): Omit<RegisterTrial, 'family' | 'productId' | 'ownerNodeId' | 'participatingNodeIds'>;
}

type Rule = NonNullable<RegisterTrial['benefits'][number]['rule']>;

/** 31 000 kr a month (Inera: 142 hours, 54 % on-cost) is 336.20 kr an hour. */
const HOURLY_COST_ORE = hourlyCostOre(3_100_000);

type Filter = Rule['filter'];

const copied = (filter: UsageFilter): Filter =>
  Object.fromEntries(Object.entries(filter).map(([name, values]) => [name, [...values]]));

/** The family's default rule as a trial's own. */
function usualRule(family: FamilyCode): Rule {
  const {
    category: _category,
    counterfactualDimension = null,
    failureFilter,
    filter,
    ...terms
  } = ruleOf(FAMILIES[family].defaultRule);
  return {
    ...terms,
    counterfactualDimension,
    filter: copied(filter),
    failureFilter: failureFilter ? copied(failureFilter) : null,
    source: FAMILIES[family].defaultRule.source.sv,
    hourlyCostOre: HOURLY_COST_ORE,
  };
}

/** What so many uses a month would be worth by the rule. */
const planned = (family: FamilyCode, uses: { qualifying: number; failures: number }): number =>
  valueUnits(usualRule(family), uses).potentialOre;

const frame = (
  startsOn: Day,
): { plannedStartsOn: Day; plannedEndsOn: Day; investmentOn: Day; discountRate: number } => ({
  plannedStartsOn: startsOn,
  plannedEndsOn: addMonths(startsOn, 3),
  investmentOn: startsOn,
  discountRate: 0.03,
});

const LOCKS: DemoTrial = {
  key: 'locks',
  product: 'lock',
  owner: 'homecare',
  participating: ['centrum', 'norr'],
  stages: [
    { stage: 'idea', daysAgo: 120 },
    { stage: 'preparation', daysAgo: 101 },
    { stage: 'approved', daysAgo: 52 },
    { stage: 'running', daysAgo: 35 },
  ],
  places: ['C', 'N'],
  tags: 'LÅS',
  plan: (startsOn) => ({
    ...frame(startsOn),
    title: 'Nyckelfria lås i hemtjänsten',
    need: 'Personalen hämtar och lämnar nycklar varje tur. Ungefär vart tredje besök kräver en resa för nyckelns skull, och en borttappad nyckel betyder låsbyte.',
    initiativeType: 'project',
    horizonYears: 4,
    caseReference: 'VON 2026/0117',
    goals: [
      {
        kind: 'project',
        description: '20 lås monterade och personalen utbildad',
        indicator: 'Monterade lås',
        baseline: 0,
        target: 20,
        betterWhen: 'higher',
      },
      {
        kind: 'effect',
        description: 'Mindre tid går åt till nycklar',
        indicator: 'Minuter per besök för nycklar',
        baseline: 2,
        target: 0.5,
        betterWhen: 'lower',
      },
      {
        kind: 'effect',
        description: 'Färre borttappade nycklar',
        indicator: 'Låsbyten per år',
        baseline: 6,
        target: 1,
        betterWhen: 'lower',
      },
    ],
    costs: [
      { name: 'Lås, 20 st', kind: 'one_off', category: 'financial', amountOre: 20 * 245_000, startsOn, endsOn: null },
      {
        name: 'Montering, 20 dörrar',
        kind: 'one_off',
        category: 'financial',
        amountOre: 20 * 50_000,
        startsOn,
        endsOn: null,
      },
      {
        name: 'Abonnemang, 20 lås',
        kind: 'monthly',
        category: 'financial',
        amountOre: 20 * 14_900,
        startsOn,
        endsOn: null,
      },
      {
        name: 'Utbildning av personal, 18 timmar',
        kind: 'one_off',
        category: 'redistribution',
        amountOre: 18 * HOURLY_COST_ORE,
        startsOn,
        endsOn: null,
      },
    ],
    benefits: [
      {
        name: 'Mindre tid för nyckelhantering',
        category: 'redistribution',
        stakeholder: 'staff',
        certainty: 'yellow',
        taskKind: 'task_removed',
        // 3 000 openings × 0.3 × 2 min = 30 h; 40 failures × 10 min = 6.67 h; 23.33 h × 336.20 kr = 7 844.67 kr
        plannedMonthOre: planned('keyless_lock', { qualifying: 3000, failures: 40 }),
        startsOn,
        endsOn: null,
        realisationAction: 'Planeringen lägger in fler besök per tur.',
        rule: usualRule('keyless_lock'),
      },
      {
        name: 'Minskad bilkörning för nycklar',
        category: 'financial',
        stakeholder: 'unit',
        certainty: 'yellow',
        taskKind: 'task_removed',
        plannedMonthOre: 220_000,
        startsOn,
        endsOn: null,
        realisationAction: 'Körjournalen följs upp varje månad; ett leasingavtal sägs upp när det räcker.',
        rule: null,
      },
    ],
  }),
};

const ROBOTS: DemoTrial = {
  key: 'robots',
  product: 'robot',
  owner: 'residential',
  participating: ['bjorkgarden', 'ekbacken'],
  stages: [
    { stage: 'idea', daysAgo: 80 },
    { stage: 'preparation', daysAgo: 70 },
    { stage: 'approved', daysAgo: 30 },
    { stage: 'running', daysAgo: 21 },
  ],
  places: ['B', 'E'],
  tags: 'SÖMN',
  plan: (startsOn) => ({
    ...frame(startsOn),
    title: 'Sömnrobotar på särskilt boende',
    need: 'Flera boende sover oroligt. Forskningen visar ingen säker effekt, så provningen räknar med 0 kr och följer användningen.',
    initiativeType: 'innovation_project',
    horizonYears: 3,
    caseReference: 'VON 2026/0142',
    goals: [
      {
        kind: 'project',
        description: 'Sex robotar i bruk på två boenden',
        indicator: 'Robotar i bruk',
        baseline: 0,
        target: 6,
        betterWhen: 'higher',
      },
      {
        kind: 'effect',
        description: 'Lugnare nätter',
        indicator: 'Upplevd sömn, skattning 0–4',
        baseline: 1.8,
        target: 2.5,
        betterWhen: 'higher',
      },
    ],
    costs: [
      { name: 'Robotar, 6 st', kind: 'one_off', category: 'financial', amountOre: 6 * 690_000, startsOn, endsOn: null },
    ],
    benefits: [
      {
        name: 'Lugnare nätter',
        category: 'quality',
        stakeholder: 'client',
        certainty: 'red',
        taskKind: 'newly_possible',
        plannedMonthOre: 0,
        startsOn,
        endsOn: null,
        realisationAction: 'Skattningen följs upp med boendet efter tre månader.',
        rule: usualRule('sleep_robot'),
      },
    ],
  }),
};

const SCREENS: DemoTrial = {
  key: 'screens',
  product: 'screen',
  owner: 'residential',
  participating: ['bjorkgarden', 'ekbacken'],
  stages: [
    { stage: 'idea', daysAgo: 64 },
    { stage: 'preparation', daysAgo: 60 },
    { stage: 'approved', daysAgo: 15 },
    { stage: 'running', daysAgo: 10 },
  ],
  places: ['BD', 'ED'],
  tags: 'SKÄRM',
  plan: (startsOn) => ({
    ...frame(startsOn),
    title: 'Smarta skärmar i dagrummen',
    need: 'Aktiviteter förbereds på varje avdelning för sig. En sändning kan nå alla dagrum samtidigt.',
    initiativeType: 'quality_work',
    horizonYears: 5,
    caseReference: 'VON 2026/0150',
    goals: [
      {
        kind: 'project',
        description: 'Skärmar i åtta dagrum',
        indicator: 'Skärmar i bruk',
        baseline: 0,
        target: 8,
        betterWhen: 'higher',
      },
      {
        kind: 'effect',
        description: 'Fler gemensamma aktiviteter',
        indicator: 'Sändningar per vecka',
        baseline: 0,
        target: 14,
        betterWhen: 'higher',
      },
    ],
    costs: [
      {
        name: 'Skärmar, 8 st',
        kind: 'one_off',
        category: 'financial',
        amountOre: 8 * 1_890_000,
        startsOn,
        endsOn: null,
      },
      {
        name: 'Licenser, 8 skärmar',
        kind: 'monthly',
        category: 'financial',
        amountOre: 8 * 29_900,
        startsOn: addDays(startsOn, 1),
        endsOn: null,
      },
    ],
    benefits: [
      {
        name: 'Mindre förberedelse av aktiviteter',
        category: 'redistribution',
        stakeholder: 'staff',
        certainty: 'red',
        taskKind: 'task_removed',
        // 90 broadcasts × 15 min = 22.5 h × 336.20 kr = 7 564.50 kr
        plannedMonthOre: planned('smart_screen', { qualifying: 90, failures: 0 }),
        startsOn,
        endsOn: null,
        realisationAction: 'Frigjord tid går till promenader, följs upp i schemat.',
        rule: usualRule('smart_screen'),
      },
    ],
  }),
};

export const DEMO_TRIALS: readonly DemoTrial[] = [LOCKS, ROBOTS, SCREENS];
