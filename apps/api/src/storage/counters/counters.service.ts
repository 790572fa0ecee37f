import type { CorrectCounter, CounterReadingView, countersApi, ResponseOf } from '#contracts';
import { DeviceEntity } from '#database';
import { metricByCode } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { NotInScope, scoped } from '../../scope/scoped.js';
import { addDecision, type CounterReadingRow, counterReadings, recount, storedReading } from './counters.queries.js';

type Readings = ResponseOf<typeof countersApi.list>;

@Injectable()
export class CountersService {
  constructor(private readonly db: DataSource) {}

  async list(scope: Scope<'device:read'>, id: string): Promise<Readings> {
    const device = await scoped(this.db.manager, DeviceEntity, scope).get(id);
    return { rows: (await counterReadings(this.db.manager, scope, device)).map(view) };
  }

  /** Decides what a reading is (rule U7): the reading stays, its decision stands beside it, and its hours are made anew. */
  correct(scope: Scope<'device:edit'>, request: { id: string; given: CorrectCounter }): Promise<Readings> {
    return this.db.transaction((tx) => correct(tx, scope, request));
  }
}

async function correct(
  tx: EntityManager,
  scope: Scope<'device:edit'>,
  { id, given }: { id: string; given: CorrectCounter },
): Promise<Readings> {
  const device = await scoped(tx, DeviceEntity, scope).lock(id);
  const value = await storedReading(tx, scope, { ...given, device });
  if (value === null) throw new NotInScope('reading of a counter');
  await addDecision(tx, scope, { device, value, given });
  await recount(tx, scope, { ...given, device });
  const { reason, ...changes } = given;
  const record = { rootId: device.rootId, action: 'device.correct_counter', subjectKind: 'device', subjectId: id };
  await audit(tx, scope.person, { ...record, reason, changes: { ...changes, value } });
  return { rows: (await counterReadings(tx, scope, device)).map(view) };
}

function view(row: CounterReadingRow): CounterReadingView {
  const { metric, at, readingId, value, previous, kind, decided, reason, byName, decidedAt } = row;
  const decision =
    decided === null || decidedAt === null
      ? null
      : { decided, reason: reason ?? '', byName: byName ?? '', at: decidedAt.toISOString() };
  const metricName = metricByCode(metric)?.metric.name ?? null;
  return { metric, metricName, at: at.toISOString(), readingId, value, previous, kind, decision };
}
