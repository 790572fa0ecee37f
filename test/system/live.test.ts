import { benefitsApi, type ChangeNotice, CHANGES_CHANNEL, liveApi, type WatchAnswer } from '#contracts';
import type { DeviceEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { todayIn } from '../../apps/api/src/live/today.js';
import { WatchedPages } from '../../apps/api/src/live/watch/watched-pages.js';
import { applyDeltas } from '../../apps/web/src/live/apply-deltas.js';
import { startApi, type TestApi } from '../support/api.js';
import { benefitLine, measuredUnit, workerAtRest } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { connectLive, signalTold, toldOfDevices, trialPage, unitPage } from '../support/live-socket.js';
import { opening, recordUsage, visit } from '../support/usage.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const soon = (expectation: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(expectation, { timeout: 3_000, interval: 20 });
const revisionOf = (answer: WatchAnswer): number => (answer.ok ? answer.revision : NaN);

const announce = (notice: ChangeNotice): Promise<unknown> =>
  api.db.query('select pg_notify($1, $2)', [CHANGES_CHANNEL, JSON.stringify(notice)]);

/** Five hours ago, or as long as the day is old. */
const longAgoToday = (): Date =>
  new Date(Math.max(Date.now() - 5 * 3_600_000, todayIn('Europe/Stockholm', new Date()).fromByFamily.keyless_lock));

const setSignal = (device: DeviceEntity, lastAt: Date): Promise<unknown> =>
  api.db.query(
    `insert into device_signal (device_key, connected, last_at, last_received_at, battery, battery_at) values ($1, true, $2, $2, 71, $2)
    on conflict (device_key) do update set last_at = excluded.last_at`,
    [device.key, lastAt],
  );

describe('watching', () => {
  test('tells a unit’s and a trial’s viewers of use, then of benefit, without a gap', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    const [unit, trial] = [await watch(unitPage(of.unit.id)), await watch(trialPage(of.trial.id))];
    await recordUsage(api, of, [opening(new Date())]);
    await soon(() => {
      const units = deltas.filter(({ page }) => page.kind === 'unit');
      expect(units.find(({ totals }) => totals)?.totals).toMatchObject([{ metric: 'unlock', count: 1 }]);
      expect(units.find(({ benefits }) => benefits)?.benefits).toMatchObject([{ potentialOre: 336 }]); // 0.3 × 2 min × 336.20 kr/h
      const benefit = deltas.find(({ page, benefit: given }) => page.kind === 'trial' && given)?.benefit;
      expect(benefit?.lines[0]?.calculation?.qualifying).toBe(1);
    });
    for (const [kind, answer] of [
      ['unit', unit],
      ['trial', trial],
    ] as const) {
      const revisions = deltas.filter(({ page }) => page.kind === kind).map(({ revision }) => revision);
      expect(revisions).toEqual(revisions.map((_, index) => revisionOf(answer) + 1 + index));
    }
  });

  test('tells a unit’s viewers of what was confirmed', async () => {
    const of = await measuredUnit(api);
    const line = await benefitLine(api, of.trial, { position: 2, category: 'financial' }); // without a rule: taken at its word
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    await api.as(of.manager).call(benefitsApi.confirm, {
      params: { id: of.trial.id, lineId: line.id },
      body: { nodeId: of.unit.id, month: '2024-05', confirmedOre: 4_200, actionTaken: 'Färre körda mil.' },
    });
    await soon(() =>
      expect(deltas.findLast(({ benefits }) => benefits)?.benefits).toMatchObject([
        { category: 'financial', realisedOre: 4_200 },
        {},
      ]),
    );
  });

  test('sends only the devices that changed', async () => {
    const of = await measuredUnit(api);
    const quiet = await build.device(api, of.unit);
    await build.placement(api, { device: quiet, node: of.unit });
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    await recordUsage(api, of, [opening(new Date())]);
    await soon(() => expect(toldOfDevices(deltas)).not.toEqual([]));
    expect(new Set(toldOfDevices(deltas).map(({ placementId }) => placementId))).toEqual(new Set([of.placement.id]));
  });

  test('of a device that is shown already only what differs', async () => {
    const of = await measuredUnit(api);
    await setSignal(of.device, new Date(Date.now() - 2_000));
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    const lastAt = new Date();
    await setSignal(of.device, lastAt);
    await announce({ kind: 'signal', placements: [of.placement.key] });
    await soon(() => expect(deltas).not.toEqual([]));
    expect(deltas[0]?.devices).toBeUndefined();
    const change = { placementId: of.placement.id, signal: { lastSignalAt: lastAt.toISOString() } };
    expect(deltas[0]?.changes).toEqual([change]);
  });

  test('a device that comes to the page is told of as a whole when it is first used', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    const device = await build.device(api, of.unit);
    const placement = await build.placement(api, { device, node: of.unit });
    await recordUsage(api, { device, placement }, [visit(new Date())]);
    await soon(() => {
      const told = deltas.flatMap(({ devices }) => devices ?? []).find(({ deviceId }) => deviceId === device.id);
      expect(told?.today).toMatchObject([{ metric: 'unlock', count: 1 }]);
    });
  });

  test('target S6: what is told part by part is what the snapshot shows, late use and all', async () => {
    const of = await measuredUnit(api);
    const device = await build.device(api, of.unit);
    // Of no trial: no computed benefit has the page read as a whole.
    const placed = { device, placement: await build.placement(api, { device, node: of.unit }) };
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    const snapshot = () => api.as(of.manager).call(liveApi.unit, { params: { id: of.unit.id } });
    const first = await snapshot();
    await recordUsage(api, placed, [visit(new Date())]);
    await recordUsage(api, placed, [visit(longAgoToday())]); // no use of now: seen when the page is read as a whole
    for (let count = 0; count < 5; count += 1) await recordUsage(api, placed, [visit(new Date())]);
    await announce({ kind: 'usage', placements: null });
    await vi.waitFor(
      async () => {
        const shown = applyDeltas(first, deltas).view;
        expect(shown.totals).toMatchObject([{ count: 7 }]);
        expect({ ...shown, asOf: null }).toEqual({ ...(await snapshot()), asOf: null });
      },
      { timeout: 5_000, interval: 50 },
    );
  });

  test('target S6: tells at most ten times a second, and all of it in the end', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    const began = Date.now();
    for (let count = 0; count < 20; count += 1) await recordUsage(api, of, [visit(new Date())]);
    await soon(() => expect(deltas.findLast(({ totals }) => totals)?.totals?.[0]?.count).toBe(20));
    expect(deltas.length).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / 100) + 1);
  });

  test('a snapshot fetched later continues the watch’s revisions', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    const first = revisionOf(await watch(unitPage(of.unit.id)));
    await recordUsage(api, of, [visit(new Date())]);
    await soon(() => expect(deltas.some(({ totals }) => totals)).toBe(true));
    await workerAtRest(api);
    await soon(async () => {
      const { revision, totals } = await api.as(of.manager).call(liveApi.unit, { params: { id: of.unit.id } });
      expect([revision, totals[0]?.count]).toEqual([deltas.at(-1)?.revision, 1]);
      expect(revision).toBeGreaterThan(first);
    });
  });

  test('begun anew, continues no revision of before', async () => {
    const of = await measuredUnit(api);
    const { socket, watch } = await connectLive(api, of.manager);
    const first = revisionOf(await watch(unitPage(of.unit.id)));
    socket.emit('unwatch', unitPage(of.unit.id));
    const second = revisionOf(await watch(unitPage(of.unit.id)));
    expect(second).toBeGreaterThan(first + 1_000);
    const unwatched = await api.as(of.manager).call(liveApi.trial, { params: { id: of.trial.id } });
    expect(unwatched.revision).not.toBe(revisionOf(await watch(trialPage(of.trial.id))));
  });

  test('shows silence, which no message tells', async () => {
    const of = await measuredUnit(api);
    await api.db.query('update device set expected_interval_seconds = 1 where id = $1', [of.device.id]);
    await setSignal(of.device, new Date());
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    await vi.waitFor(
      () => {
        api.app.get(WatchedPages, { strict: false }).refreshAll(); // what happens every 30 s
        expect(signalTold(deltas)).toMatchObject({ reporting: 'silent' });
      },
      { timeout: 8_000, interval: 300 },
    );
  });

  test('a refresh says that nothing changed', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    const revision = revisionOf(await watch(unitPage(of.unit.id)));
    api.app.get(WatchedPages, { strict: false }).refreshAll();
    await soon(() => expect(deltas).toHaveLength(1));
    expect(deltas[0]).toEqual({
      page: unitPage(of.unit.id),
      revision: revision + 1,
      asOf: expect.any(String) as string,
      day: expect.any(String) as string,
    });
  });

  test('goes on when the connection for notices breaks, with what was missed', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    await api.db.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nyttospar live' and datname = current_database()`,
    );
    await recordUsage(api, of, [visit(new Date())]);
    await soon(() => expect(deltas.findLast(({ totals }) => totals)?.totals?.[0]?.count).toBe(1));
  });

  test('a bad notice changes nothing', async () => {
    const of = await measuredUnit(api);
    const { deltas, watch } = await connectLive(api, of.manager);
    await watch(unitPage(of.unit.id));
    await api.db.query('select pg_notify($1, $2)', [CHANGES_CHANNEL, 'no JSON']);
    await recordUsage(api, of, [visit(new Date())]);
    await soon(() => expect(deltas.findLast(({ totals }) => totals)?.totals?.[0]?.count).toBe(1));
  });
});
