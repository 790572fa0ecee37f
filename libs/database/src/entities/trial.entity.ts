import type { BetterWhen, FamilyCode, GoalKind, InitiativeType, TrialStage } from '#domain';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

const numeric = { to: (value: number): number => value, from: (value: string): number => Number(value) };

/** A trial (provning) of a product family or product, owned by one node. Dates are the municipality's. */
@Entity('trial')
export class TrialEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  @Column('text') code!: string;
  @Column('text') title!: string;
  @Column('text', { default: '' }) need!: string;
  @Column('text') family!: FamilyCode;
  @Column('uuid', { nullable: true }) productId!: string | null;
  @Column('uuid') ownerNodeId!: string;
  @Column('text') initiativeType!: InitiativeType;
  /** The latest stage change's stage, kept here for lists. */
  @Column('text') stage!: TrialStage;
  @Column('date') plannedStartsOn!: string;
  @Column('date') plannedEndsOn!: string;
  @Column('date') investmentOn!: string;
  @Column('integer') horizonYears!: number;
  @Column('numeric', { precision: 6, scale: 4, transformer: numeric }) discountRate!: number;
  @Column('text', { default: '' }) caseReference!: string;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  /** Raised by one at each edit; an edit names the revision it saw. */
  @Column('integer', { default: 1 }) revision!: number;
}

/** The last number given to a trial of a municipality in a year: P-2026-014. */
@Entity('trial_number')
export class TrialNumberEntity {
  @PrimaryColumn('uuid') rootId!: string;
  @PrimaryColumn('integer') year!: number;
  @Column('integer') last!: number;
}

/** A participating node: the trial is readable from it. */
@Entity('trial_node')
export class TrialNodeEntity {
  @PrimaryColumn('uuid') trialId!: string;
  @PrimaryColumn('uuid') nodeId!: string;
}

/** A project goal (projektmål) or effect goal (effektmål). */
@Entity('trial_goal')
export class TrialGoalEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') trialId!: string;
  @Column('text') kind!: GoalKind;
  @Column('text') description!: string;
  @Column('text', { default: '' }) indicator!: string;
  @Column('double precision', { nullable: true }) baseline!: number | null;
  @Column('double precision', { nullable: true }) target!: number | null;
  @Column('text') betterWhen!: BetterWhen;
  @Column('integer') position!: number;
}

/** The trial's life as it happened; rows are only added. */
@Entity('trial_stage_change')
export class TrialStageChangeEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('uuid') trialId!: string;
  @Column('text') stage!: TrialStage;
  @Column('timestamptz') at!: Date;
  @Column('uuid', { nullable: true }) byUser!: string | null;
  @Column('text', { default: '' }) reason!: string;
  @Column('timestamptz', { default: () => 'now()' }) recordedAt!: Date;
}
