import { identityApi } from '#contracts';
import { RoleGrantEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { notifyAccessChanged } from '../../apps/api/src/identity/access-changes.queries.js';
import { startApi, type TestApi } from '../support/api.js';
import { measuredUnit } from '../support/benefit.js';
import * as build from '../support/builders.js';
import { connectLive, trialPage, unitPage } from '../support/live-socket.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const soon = (expectation: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(expectation, { timeout: 3_000, interval: 20 });
describe('who may watch', () => {
  test('nobody a page outside their scope, which is as if it were not there', async () => {
    const [one, other] = [await measuredUnit(api), await measuredUnit(api)];
    const { watch } = await connectLive(api, one.manager);
    expect(await watch(unitPage(other.unit.id))).toEqual({ ok: false, code: 'not_found' });
    expect(await watch(trialPage(other.trial.id))).toEqual({ ok: false, code: 'not_found' });
    expect(await watch(unitPage(one.device.id))).toEqual({ ok: false, code: 'not_found' });
    expect(await watch(unitPage(one.root.id))).toEqual({ ok: false, code: 'not_found' });
  });

  test('no page without an id, and no eleventh one', async () => {
    const { unit, manager } = await measuredUnit(api);
    const { watch } = await connectLive(api, manager);
    for (const asked of [null, {}, 'unit', { kind: 'unit', id: '1; drop' }, { kind: 'all', id: unit.id }]) {
      expect(await watch(asked)).toEqual({ ok: false, code: 'invalid' });
    }
    const places = await Promise.all(Array.from({ length: 11 }, () => build.node(api, unit, { kind: 'place' })));
    const answers = await Promise.all(places.map(({ id }) => watch(unitPage(id))));
    expect(answers.filter(({ ok }) => ok)).toHaveLength(10);
    expect(answers.filter(({ ok }) => !ok)).toEqual([{ ok: false, code: 'too_many' }]);
  });

  test.each([
    ['without a session', async () => ({})],
    ['with a made-up session', async () => ({ token: 'x'.repeat(43) })],
    [
      'without a role that sees live pages',
      async () => build.user(api, { role: 'it_security', node: (await measuredUnit(api)).unit }),
    ],
    [
      'from another site',
      async () => ({ token: (await measuredUnit(api)).manager.token, origin: 'https://else.example' }),
    ],
    ['by polling', async () => ({ token: (await measuredUnit(api)).manager.token, polling: true })],
  ] as const)('nobody %s', async (_name, given) => {
    await expect(connectLive(api, await given())).rejects.toThrow();
  });

  test('the page of the same site may', async () => {
    const { manager } = await measuredUnit(api);
    expect((await connectLive(api, { token: manager.token, origin: api.url })).socket.connected).toBe(true);
  });

  test('nobody any longer whose session has ended', async () => {
    const { manager, unit } = await measuredUnit(api);
    const { ended, watch, socket } = await connectLive(api, manager);
    await watch(unitPage(unit.id));
    await api.as(manager).call(identityApi.logOut);
    await ended;
    await soon(() => expect(socket.connected).toBe(false));
  });

  test('nobody any longer whose grant was withdrawn, while others stay', async () => {
    const { manager, unit } = await measuredUnit(api);
    const staff = await build.user(api, { role: 'staff', node: unit });
    const [one, other] = [await connectLive(api, manager), await connectLive(api, staff)];
    await Promise.all([one.watch(unitPage(unit.id)), other.watch(unitPage(unit.id))]);
    await api.db.manager.update(RoleGrantEntity, { userId: manager.id }, { endsAt: new Date() });
    await api.db.transaction((tx) => notifyAccessChanged(tx, manager.id));
    await one.ended;
    expect(other.socket.connected).toBe(true);
  });
});
