import { randomUUID } from 'node:crypto';
import type { benefitsApi, RequestOf, TrialBenefitView } from '#contracts';
import {
  BenefitLineEntity,
  MeasurementRuleEntity,
  OrgNodeEntity,
  RealisationConfirmationEntity,
  TrialEntity,
} from '#database';
import { addMonths, type Day, localDay, realisedOre, valueUnits } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../audit/audit.js';
import { BadRequest } from '../http/parse-request.js';
import type { Scope } from '../scope/scope.js';
import { NotInScope, scoped } from '../scope/scoped.js';
import {
  isMeasuredAt,
  nextConfirmationVersion,
  trialPlacementKeys,
  trialSetting,
  unitCounts,
} from './benefits.queries.js';
import { announceBenefit } from '../worker/worker.queries.js';
import { readTrialBenefit } from './trial-benefit.js';

type Confirm = RequestOf<typeof benefitsApi.confirm>;

@Injectable()
export class BenefitsService {
  constructor(private readonly db: DataSource) {}

  async read(scope: Scope<'trial:read'>, trialId: string): Promise<TrialBenefitView> {
    const trial = await scoped(this.db.manager, TrialEntity, scope).get(trialId);
    return readTrialBenefit(this.db.manager, trial, new Date());
  }

  /**
   * Records what a unit did with a month's freed resources, with the potential seen at this moment (rule B3). A further
   * one of the same month is an adjustment: a new version, the older stays.
   */
  async confirm(scope: Scope<'benefit:confirm'>, { params, body }: Confirm): Promise<TrialBenefitView> {
    const confirmed = await this.db.transaction(async (tx) => {
      const trial = await scoped(tx, TrialEntity, scope).get(params.id);
      const line = await scoped(tx, BenefitLineEntity, scope).lock(params.lineId);
      const unit = await scoped(tx, OrgNodeEntity, scope).get(body.nodeId);
      if (line.trialId !== trial.id) throw new NotInScope('benefit line of that trial');
      if (!(await isMeasuredAt(tx, trial.id, unit.id))) throw new NotInScope('unit with devices of that trial');
      const month = await assertMonthBegun(tx, trial.id, body.month);
      const potentialOre = await potentialOfMonth(tx, scope, { line, unitId: unit.id, month });
      const realised = potentialOre === null ? body.confirmedOre : realisedOre(body.confirmedOre, potentialOre);
      const version = await nextConfirmationVersion(tx, line.id, { nodeId: unit.id, month });
      const confirmation = {
        benefitLineId: line.id,
        nodeId: unit.id,
        month,
        version,
        potentialOre,
        realisedOre: realised,
        ...said(body),
      };
      const id = randomUUID();
      await scoped(tx, RealisationConfirmationEntity, scope).save({
        id,
        ...confirmation,
        confirmedBy: scope.person.id,
      });
      await audit(tx, scope.person, {
        rootId: trial.rootId,
        action: 'benefit.confirmed',
        subjectKind: 'trial',
        subjectId: trial.id,
        changes: confirmation,
      });
      await announceBenefit(tx, await trialPlacementKeys(tx, trial.id));
      return trial;
    });
    return readTrialBenefit(this.db.manager, confirmed, new Date());
  }
}

const said = ({ confirmedOre, actionTaken }: Confirm['body']): { confirmedOre: number; actionTaken: string } => ({
  confirmedOre,
  actionTaken,
});

/** The month's first day; nobody has realised anything in a month that has not begun. */
async function assertMonthBegun(tx: EntityManager, trialId: string, month: string): Promise<Day> {
  const { zone } = await trialSetting(tx, trialId);
  const first = `${month}-01`;
  if (first <= localDay(Date.now(), zone)) return first;
  throw new BadRequest([{ path: 'body.month', message: 'the month has not begun yet' }]);
}

/** The potential measured at a unit and its places in a month, within the line's own time; null for a line without a rule. */
async function potentialOfMonth(
  tx: EntityManager,
  scope: Scope,
  { line, unitId, month }: { line: BenefitLineEntity; unitId: string; month: Day },
): Promise<number | null> {
  const [rule] = await scoped(tx, MeasurementRuleEntity, scope)
    .query()
    .andWhere('row.benefit_line_id = :lineId', { lineId: line.id })
    .orderBy('row.version', 'DESC')
    .limit(1)
    .getMany();
  if (!rule) return null;
  const next = addMonths(month, 1);
  const from = line.startsOn > month ? line.startsOn : month;
  const to = line.endsOn !== null && line.endsOn < next ? line.endsOn : next;
  return valueUnits(rule, await unitCounts(tx, rule.key, { unitId, from, to })).potentialOre;
}
