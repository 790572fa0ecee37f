import type { Category, Certainty, CostKind, EvidenceLevel, Stakeholder, TaskKind } from '#domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a trial costs: öre at fixed prices without VAT, per occasion, month or year. */
@Entity('cost_line')
export class CostLineEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') trialId!: string;
  @Column('text') name!: string;
  @Column('text') kind!: CostKind;
  @Column('text') category!: Category;
  @Column('bigint') amountOre!: number;
  @Column('date') startsOn!: string;
  @Column('date', { nullable: true }) endsOn!: string | null;
  @Column('integer') position!: number;
}

/** One planned benefit in one category (rule B1), with the plan per month in öre. */
@Entity('benefit_line')
export class BenefitLineEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') trialId!: string;
  @Column('text') name!: string;
  @Column('text') category!: Category;
  @Column('text') stakeholder!: Stakeholder;
  @Column('text') certainty!: Certainty;
  @Column('text') taskKind!: TaskKind;
  @Column('bigint') plannedMonthOre!: number;
  @Column('date') startsOn!: string;
  @Column('date', { nullable: true }) endsOn!: string | null;
  @Column('text', { default: '' }) realisationAction!: string;
  @Column('uuid', { nullable: true }) sharesEffectWith!: string | null;
  @Column('integer') position!: number;
}

/** A version of the rule that turns a line's usage into units and öre; never changed once stored (rule B10). */
@Entity('measurement_rule')
export class MeasurementRuleEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column({ type: 'integer', insert: false, update: false }) key!: number;
  @Column('uuid') benefitLineId!: string;
  @Column('integer') version!: number;
  @Column('text') metric!: string;
  @Column('jsonb') filter!: Record<string, string[]>;
  @Column('double precision') deduplicateMinutes!: number;
  @Column('double precision') counterfactualShare!: number;
  @Column('text', { nullable: true }) counterfactualDimension!: string | null;
  @Column('double precision') minutesPerUnit!: number;
  @Column('double precision') addedWorkMinutesPerUnit!: number;
  @Column('jsonb', { nullable: true }) failureFilter!: Record<string, string[]> | null;
  @Column('double precision') failureMinutes!: number;
  @Column('bigint') hourlyCostOre!: number;
  @Column('text') evidence!: EvidenceLevel;
  @Column('text', { default: '' }) source!: string;
  @Column('text', { default: '' }) reason!: string;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** What a line manager says was done with the freed resources in a month; stores the potential that was seen (rule B3). */
@Entity('realisation_confirmation')
export class RealisationConfirmationEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') benefitLineId!: string;
  @Column('uuid') nodeId!: string;
  @Column('date') month!: string;
  @Column('integer') version!: number;
  @Column('bigint') confirmedOre!: number;
  @Column('bigint', { nullable: true }) potentialOre!: number | null;
  @Column('bigint') realisedOre!: number;
  @Column('text') actionTaken!: string;
  @Column('uuid') confirmedBy!: string;
  @Column('timestamptz', { default: () => 'now()' }) confirmedAt!: Date;
}
