import type { EnterUsage, RequestOf, ResponseOf, usageEntriesApi, UsageEntryView } from '#contracts';
import { DeviceEntity, PlacementEntity, ProductEntity } from '#database';
import { FAMILIES, hourStart } from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { KeptTime } from '../kept-time.js';
import { countByHand, listEntries, type NamedEntry } from './entries.queries.js';
import { enterUsage } from './enter-usage.js';

type Listed = ResponseOf<typeof usageEntriesApi.list>;

const SHARE_MS = 30 * 86_400_000;

@Injectable()
export class EntriesService {
  constructor(
    private readonly db: DataSource,
    private readonly keptTime: KeptTime,
  ) {}

  async list(
    scope: Scope<'device:read'>,
    id: string,
    query: RequestOf<typeof usageEntriesApi.list>['query'],
  ): Promise<Listed> {
    const tx = this.db.manager;
    const device = await scoped(tx, DeviceEntity, scope).get(id);
    const { rows, total } = await listEntries(tx, scope, { deviceId: id, ...query });
    return { rows: rows.map(entryView), total, share: await shareOf(tx, scope, device) };
  }

  async enter(scope: Scope<'usage:enter'>, id: string, body: EnterUsage): Promise<UsageEntryView[]> {
    const window = await this.keptTime.windowAt(Date.now());
    return this.db.transaction(async (tx) => {
      await enterUsage(tx, scope, { deviceId: id, body, window });
      const keys = body.entries.map(({ key }) => key);
      const { rows } = await listEntries(tx, scope, { deviceId: id, keys, limit: keys.length, offset: 0 });
      return rows.map(entryView);
    });
  }
}

/** Of what the device's placements in the scope were used for; readings of a gauge are no use. */
async function shareOf(tx: EntityManager, scope: Scope, device: DeviceEntity): Promise<Listed['share']> {
  const since = new Date(hourStart(Date.now() - SHARE_MS));
  const placements = await scoped(tx, PlacementEntity, scope).find({ deviceId: device.id });
  const { family } = await scoped(tx, ProductEntity, scope).get(device.productId);
  const metrics = FAMILIES[family].metrics.filter(({ kind }) => kind !== 'gauge').map(({ code }) => code);
  const placementKeys = placements.map(({ key }) => key);
  return {
    ...(await countByHand(tx, scope, { deviceKey: device.key, placementKeys, metrics, since })),
    since: since.toISOString(),
  };
}

const entryView = (entry: NamedEntry): UsageEntryView => ({
  id: entry.id,
  metric: entry.metric,
  at: entry.at.toISOString(),
  until: entry.until?.toISOString() ?? null,
  value: entry.value,
  attributes: entry.attributes,
  reason: entry.reason,
  enteredBy: entry.enteredByName,
  enteredAt: entry.enteredAt.toISOString(),
  outcome: entry.outcome,
  refusal: entry.refusal,
});
