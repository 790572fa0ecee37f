import {
  type CorrectedView,
  type PeriodPreview,
  type RequestOf,
  type ResponseOf,
  type StoredUsageView,
  USAGE_FLAGS,
  type UsageCorrectionView,
  type usageCorrectionsApi,
  type UsageDecisionView,
} from '#contracts';
import { DeviceEntity } from '#database';
import { metricByCode } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { rawKeptFrom } from '../storage.queries.js';
import { type Correcting, correctUsages, metricCode, previewPeriod } from './correct-usages.js';
import {
  type CorrectionRow,
  type DecisionRow,
  listCorrections,
  listUsages,
  newestDecisions,
  type StoredUsageRow,
} from './corrections.queries.js';

type Api = typeof usageCorrectionsApi;

@Injectable()
export class CorrectionsService {
  constructor(private readonly db: DataSource) {}

  async usages(
    scope: Scope<'device:edit'>,
    id: string,
    { metric, limit, ...query }: RequestOf<Api['usages']>['query'],
  ): Promise<ResponseOf<Api['usages']>> {
    const tx = this.db.manager;
    const device = await scoped(tx, DeviceEntity, scope).get(id);
    const code = metric === undefined ? null : await metricCode(tx, scope, { device, metric });
    const found = await listUsages(tx, scope, { device, wanted: { ...query, metric: code }, limit: limit + 1 });
    const usages = found.slice(0, limit);
    const decisions = await newestDecisions(tx, scope, { device, usages });
    const byUsage = new Map(decisions.map((decision) => [nameOf(decision), decision]));
    return {
      rows: usages.map((usage) => usageView(usage, byUsage.get(nameOf(usage)))),
      hasMore: found.length > limit,
      keptFrom: (await rawKeptFrom(tx))?.toISOString() ?? null,
    };
  }

  async list(scope: Scope<'device:read'>, id: string): Promise<UsageCorrectionView[]> {
    const device = await scoped(this.db.manager, DeviceEntity, scope).get(id);
    return (await listCorrections(this.db.manager, scope, device)).map(correctionView);
  }

  preview(
    scope: Scope<'device:edit'>,
    deviceId: string,
    { from, to, metric }: RequestOf<Api['preview']>['query'],
  ): Promise<PeriodPreview> {
    return previewPeriod(this.db.manager, scope, { deviceId, period: { from, to, metric: metric ?? null } });
  }

  correct(scope: Scope<'device:edit'>, correcting: Correcting): Promise<CorrectedView> {
    return this.db.transaction((tx) => correctUsages(tx, scope, correcting));
  }
}

const nameOf = ({ at, usageId }: Pick<StoredUsageRow, 'at' | 'usageId'>): string => `${at.getTime()} ${usageId}`;

function usageView(row: StoredUsageRow, decision: DecisionRow | undefined): StoredUsageView {
  const { usageId, at, receivedAt, until, metric, value, attributes, flags, placementKey } = row;
  const is = (flag: number): boolean => (flags & flag) !== 0;
  return {
    usageId,
    at: at.toISOString(),
    receivedAt: receivedAt.toISOString(),
    until: until?.toISOString() ?? null,
    metric,
    metricName: metricByCode(metric)?.metric.name ?? null,
    value,
    attributes: attributes ?? {},
    isReceivedTime: is(USAGE_FLAGS.receivedTime),
    isOpen: is(USAGE_FLAGS.open),
    isEstimated: is(USAGE_FLAGS.estimated),
    isManual: is(USAGE_FLAGS.manual),
    isSetAside: is(USAGE_FLAGS.setAside),
    isUnplaced: placementKey === null,
    decision: decision ? decisionView(decision) : null,
  };
}

const decisionView = ({
  decided,
  reason,
  byName,
  decidedAt,
}: Omit<DecisionRow, 'usageId' | 'at'>): UsageDecisionView => ({
  decided,
  reason,
  byName,
  at: decidedAt.toISOString(),
});

const correctionView = ({ id, usages, from, to, ...decision }: CorrectionRow): UsageCorrectionView => ({
  ...decisionView(decision),
  id: String(id),
  usages,
  from: from.toISOString(),
  to: to.toISOString(),
});
