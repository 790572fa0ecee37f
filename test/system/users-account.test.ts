import { auditApi, identityApi, usersApi } from '#contracts';
import { WebSessionEntity } from '#database';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_CHANNEL } from '../../apps/api/src/identity/access-changes.queries.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { buildTown, invitation, refusedBy } from '../support/town.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const town = () => buildTown(api);

describe('closing an account', () => {
  const close = (by: build.TestUser, id: string) => api.as(by).raw(usersApi.disable, { params: { id } });

  test('ends its sessions at once', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    expect((await close(admin, who.id)).body).toMatchObject({ status: 'disabled' });
    expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
    expect(await api.db.manager.countBy(WebSessionEntity, { userId: who.id })).toBe(0);
  });

  test('tells every API process, so that open sockets end too', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    const client = new pg.Client({ connectionString: api.databaseUrl });
    await client.connect();
    await client.query(`listen ${ACCESS_CHANNEL}`);
    const notice = new Promise((resolve) => client.once('notification', ({ payload }) => resolve(payload)));
    await close(admin, who.id);
    expect(await notice).toBe(JSON.stringify({ userId: who.id }));
    await client.end();
  });

  test('of the last administrator is refused', async () => {
    const { admin } = await town();
    expect(await close(admin, admin.id)).toMatchObject(refusedBy('last_administrator'));
  });

  test('or opening it by a new link is not for who administers only a part of it', async () => {
    const { north, admin, northAdmin, south } = await town();
    const { user } = await api.as(admin).call(usersApi.invite, { body: invitation(south.id) });
    await api.as(admin).call(usersApi.grant, { params: { id: user.id }, body: { role: 'staff', nodeId: north.id } });
    expect(await close(northAdmin, user.id)).toMatchObject(refusedBy('account_beyond_scope'));
    const renewal = await api.as(northAdmin).raw(usersApi.giveLink, { params: { id: user.id } });
    expect(renewal).toMatchObject(refusedBy('account_beyond_scope'));
  });

  test('keeps it from getting more roles', async () => {
    const { north, admin, northAdmin } = await town();
    await close(admin, northAdmin.id);
    const answer = await api
      .as(admin)
      .raw(usersApi.grant, { params: { id: northAdmin.id }, body: { role: 'staff', nodeId: north.id } });
    expect(answer).toMatchObject(refusedBy('account_disabled'));
  });
});

describe('opening a closed account again', () => {
  const enable = (by: build.TestUser, id: string) => api.as(by).raw(usersApi.enable, { params: { id } });
  const close = (by: build.TestUser, id: string) => api.as(by).call(usersApi.disable, { params: { id } });
  const logIn = async (email: string) =>
    (await api.raw(identityApi.logIn, { body: { email, password: build.PASSWORD } })).status;

  test('lets its person log in with the password and roles of before, by no session of before', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'auditor', node: north });
    await close(admin, who.id);
    expect(await logIn(who.email)).toBe(401);
    expect((await enable(admin, who.id)).body).toMatchObject({ status: 'active', grants: [{ role: 'auditor' }] });
    expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
    expect(await logIn(who.email)).toBe(200);
  });

  test('of a person who never accepted waits for a new invitation', async () => {
    const { north, admin } = await town();
    const { user, link } = await api.as(admin).call(usersApi.invite, { body: invitation(north.id) });
    await close(admin, user.id);
    expect((await enable(admin, user.id)).body).toMatchObject({ status: 'invited' });
    const token = link?.split('/').at(-1) ?? '';
    expect((await api.raw(identityApi.link, { params: { token } })).status).toBe(404);
    expect((await api.as(admin).raw(usersApi.giveLink, { params: { id: user.id } })).status).toBe(200);
  });

  test('is not for who administers only a part of it', async () => {
    const { north, south, admin, northAdmin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    await build.grant(api, { userId: who.id, role: 'manager', node: south });
    await close(admin, who.id);
    expect(await enable(northAdmin, who.id)).toMatchObject(refusedBy('account_beyond_scope'));
  });

  test('is in the log once, however often it is asked for', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    await close(admin, who.id);
    for (let n = 0; n < 2; n += 1) expect((await enable(admin, who.id)).status).toBe(200);
    const { rows } = await api.as(admin).call(auditApi.list, { query: { subjectKind: 'user', subjectId: who.id } });
    expect(rows.map(({ action }) => action)).toEqual(['user.enable', 'user.disable']);
  });
});

describe('a link for a new password', () => {
  const giveLink = (by: build.TestUser, id: string) => api.as(by).raw(usersApi.giveLink, { params: { id } });

  test('is given to a person whose roles all lie in one’s scope', async () => {
    const { north, south, admin, northAdmin } = await town();
    const who = await build.user(api, { role: 'auditor', node: north });
    expect((await giveLink(northAdmin, who.id)).status).toBe(200);
    await build.grant(api, { userId: who.id, role: 'staff', node: south, startsAt: new Date('2099-01-01') });
    expect(await giveLink(northAdmin, who.id)).toMatchObject(refusedBy('account_beyond_scope'));
    expect((await giveLink(northAdmin, admin.id)).status).toBe(404);
    expect((await giveLink(admin, who.id)).status).toBe(200);
  });

  test('is never for oneself', async () => {
    const { admin } = await town();
    expect(await giveLink(admin, admin.id)).toMatchObject(refusedBy('own_password_reset'));
  });

  test('is not given to a closed account', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    await api.as(admin).call(usersApi.disable, { params: { id: who.id } });
    expect(await giveLink(admin, who.id)).toMatchObject(refusedBy('account_disabled'));
  });
});
