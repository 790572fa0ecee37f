import type {
  LivePage,
  LiveTrialView,
  LiveUnitView,
  liveApi,
  ResponseOf,
  UnitCardView,
  UnitDaysView,
} from '#contracts';
import { TrialEntity } from '#database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { NotInScope, scoped } from '../scope/scoped.js';
import { readUnitDays } from './days/days.js';
import { type UnitHead, unitInScope } from './live.queries.js';
import { readTrialPage, readUnitPage } from './read-page.js';
import { signalAt } from './signal-view.js';
import { type CardDevice, cardDevices, zoneOf } from './unit-cards.queries.js';
import { WatchedPages } from './watch/watched-pages.js';

type LiveScope = Scope<'live:read'>;

const LONGEST_LIST = 1_000;

@Injectable()
export class LiveService {
  constructor(
    private readonly db: DataSource,
    private readonly pages: WatchedPages,
  ) {}

  /** The units in the scope that have devices now, by name. */
  async units(scope: LiveScope): Promise<ResponseOf<typeof liveApi.units>> {
    const now = new Date();
    const zone = await zoneOf(this.db.manager, scope);
    const devices = await cardDevices(this.db.manager, scope, { zone, now });
    const cards = [...Map.groupBy(devices, ({ unitId }) => unitId).values()].map((group) => unitCard(group, now));
    cards.sort((one, other) => one.name.localeCompare(other.name, 'sv'));
    return { asOf: now.toISOString(), units: cards.slice(0, LONGEST_LIST) };
  }

  async unit(scope: LiveScope, id: string): Promise<LiveUnitView> {
    const head = await this.unitHead(scope, id);
    // The revision before the content: what follows it may be shown twice, and never be missed.
    const revision = this.pages.revisionOf({ kind: 'unit', id });
    const reading = await readUnitPage(this.db.manager, id, { now: new Date(), head });
    if (!reading) throw new NotInScope('unit');
    return { revision, ...reading.content };
  }

  async unitDays(scope: LiveScope, id: string): Promise<UnitDaysView> {
    const { timeZone: zone } = await this.unitHead(scope, id);
    return readUnitDays(this.db.manager, { id, zone, now: new Date() });
  }

  async trial(scope: LiveScope, id: string): Promise<LiveTrialView> {
    await this.assertVisible(scope, { kind: 'trial', id });
    const revision = this.pages.revisionOf({ kind: 'trial', id });
    const reading = await readTrialPage(this.db.manager, id, { now: new Date() });
    if (!reading) throw new NotInScope('trial');
    return { revision, ...reading.content };
  }

  /** NotInScope unless the page may be seen. */
  async assertVisible(scope: LiveScope, { kind, id }: LivePage): Promise<void> {
    if (kind === 'unit') await this.unitHead(scope, id);
    else await scoped(this.db.manager, TrialEntity, scope).get(id);
  }

  private async unitHead(scope: LiveScope, id: string): Promise<UnitHead> {
    const unit = await unitInScope(this.db.manager, scope, id);
    if (!unit) throw new NotInScope('unit');
    return unit;
  }
}

function unitCard(devices: readonly CardDevice[], now: Date): UnitCardView {
  const { unitId, unitName, unitKind, parentName } = devices[0]!;
  const signals = devices.map((device) => signalAt(device, now));
  const heard = devices.flatMap(({ lastSignalAt }) => (lastSignalAt ? [lastSignalAt.getTime()] : []));
  return {
    id: unitId,
    name: unitName,
    kind: unitKind,
    parentName,
    devices: devices.length,
    connected: signals.filter(({ connected }) => connected).length,
    reporting: signals.filter(({ reporting }) => reporting === 'reporting').length,
    usageToday: devices.reduce((total, device) => total + device.usageToday, 0),
    lastSignalAt: heard.length > 0 ? new Date(Math.max(...heard)).toISOString() : null,
    trials: new Set(devices.flatMap(({ trialId }) => trialId ?? [])).size,
  };
}
