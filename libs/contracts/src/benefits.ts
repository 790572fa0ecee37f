import { CATEGORIES, CERTAINTIES, EVIDENCE_LEVELS } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, CoverageView, Id, Instant, LocalDate, name, Ore, PositiveOre } from './values.js';

/** The rule's arithmetic step by step, as it is read aloud (rule B9). */
export const CalculationView = z
  .object({
    events: z.number().int(),
    qualifying: z.number().int(),
    /** Of the qualifying, those that were entered by hand. */
    manual: z.number().int(),
    counterfactualShare: z.number(),
    countedUnits: z.number(),
    minutesPerUnit: z.number(),
    grossHours: z.number(),
    addedWorkHours: z.number(),
    failures: z.number().int(),
    failureMinutes: z.number(),
    failureHours: z.number(),
    netHours: z.number(),
    hourlyCostOre: PositiveOre,
    potentialOre: Ore,
  })
  .meta({ id: 'Calculation' });
export type CalculationView = z.output<typeof CalculationView>;

/** A rate or the reason why there is none (rule B8). */
export const RateView = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('value'), value: z.number() }),
    z.object({ kind: z.enum(['no_plan', 'no_cost', 'no_data', 'no_break_even', 'not_paid_back']) }),
  ])
  .meta({ id: 'Rate' });
export type RateView = z.output<typeof RateView>;

export const ConfirmationView = z
  .object({
    id: Id,
    nodeId: Id,
    nodeName: z.string(),
    month: LocalDate,
    confirmedOre: PositiveOre,
    potentialOre: Ore.nullable(),
    realisedOre: PositiveOre,
    actionTaken: z.string(),
    confirmedByName: z.string(),
    confirmedAt: Instant,
  })
  .meta({ id: 'Confirmation' });

/** The three streams of one line, never added to each other (rule B2). To date = from the line's start to `asOf`. */
export const LineBenefitView = z
  .object({
    lineId: Id,
    name: z.string(),
    category: z.enum(CATEGORIES),
    certainty: z.enum(CERTAINTIES),
    plannedOre: PositiveOre,
    /** Null where the line has no rule: nothing is measured. */
    potentialOre: Ore.nullable(),
    realisedOre: PositiveOre,
    realisationRate: RateView,
    calculation: CalculationView.nullable(),
    ruleVersion: z.number().int().nullable(),
    evidence: z.enum(EVIDENCE_LEVELS).nullable(),
    source: z.string().nullable(),
    metric: z.string().nullable(),
    /** When the newest day was computed; null before the first. */
    computedAt: Instant.nullable(),
    confirmations: z.array(ConfirmationView),
  })
  .meta({ id: 'LineBenefit' });
export type LineBenefitView = z.output<typeof LineBenefitView>;

/** Cumulative öre at the end of a day: plan and measured potential per category. */
export const BenefitDayView = z
  .object({
    day: LocalDate,
    category: z.enum(CATEGORIES),
    plannedOre: PositiveOre,
    potentialOre: Ore,
    qualifying: z.number().int(),
  })
  .meta({ id: 'BenefitDay' });
export type BenefitDayView = z.output<typeof BenefitDayView>;

/** The calculation over the whole horizon from one stream of benefit. Years count from the investment date. */
export const EconomyView = z
  .object({
    npvOre: Ore,
    paybackYears: RateView,
    discountedPaybackYears: RateView,
    bcr: RateView,
    roi: RateView,
  })
  .meta({ id: 'Economy' });
export type EconomyView = z.output<typeof EconomyView>;

export const TrialBenefitView = z
  .object({
    trialId: Id,
    asOf: Instant,
    lines: z.array(LineBenefitView),
    days: z.array(BenefitDayView),
    /** By the plan: financial only (the headline) and with redistribution, never merged (rule B1). */
    planned: z.object({ financialOnly: EconomyView, includingRedistribution: EconomyView }),
    coverage: CoverageView,
    /** Simulated usage counts only in a municipality flagged demo (rule U9). */
    simulated: z.boolean(),
  })
  .meta({ id: 'TrialBenefit' });
export type TrialBenefitView = z.output<typeof TrialBenefitView>;

export const benefitsApi = {
  trial: endpoint({
    method: 'GET',
    path: '/api/trials/:id/benefit',
    access: 'trial:read',
    summary: 'Planned, measured potential and realised benefit of a trial, with coverage',
    params: ById,
    response: TrialBenefitView,
  }),
  confirm: endpoint({
    method: 'POST',
    path: '/api/trials/:id/benefits/:lineId/confirmations',
    access: 'benefit:confirm',
    summary: 'Confirm what a unit did with a month’s freed resources (rule B3)',
    params: ById.extend({ lineId: Id }),
    body: z
      .object({
        nodeId: Id,
        month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'YYYY-MM'),
        confirmedOre: PositiveOre,
        actionTaken: name(1000),
      })
      .meta({ id: 'ConfirmBenefit' }),
    response: TrialBenefitView,
  }),
};
