import { identityApi, usersApi } from '#contracts';
import { AuditEntryEntity, FailedLoginEntity } from '#database';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_CHANNEL } from '../../apps/api/src/identity/access-changes.queries.js';
import { SessionsService } from '../../apps/api/src/identity/sessions.service.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { manager, tokenIn, tokenOf } from '../support/identity.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.manager.clear(FailedLoginEntity);
});

const person = () => manager(api);
const NEW_PASSWORD = 'en annan lång lösenfras';
const logIn = async (email: string, password: string): Promise<number> =>
  (await api.raw(identityApi.logIn, { body: { email, password } })).status;
const isLoggedIn = async (token: string): Promise<boolean> =>
  (await api.as({ token }).raw(identityApi.session)).status === 200;
/** One more session of an account. */
const elsewhere = (userId: string): Promise<string> =>
  api.app.get(SessionsService, { strict: false }).open(api.db.manager, userId, null);
const entriesAbout = (subjectId: string, action: string) =>
  api.db.manager.findBy(AuditEntryEntity, { subjectId, action });

describe('changing one’s password', () => {
  const change = (who: { token: string }, current: string, password = NEW_PASSWORD) =>
    api.as(who).raw(identityApi.changePassword, { body: { current, password } });

  test('lets one in by the new one and no longer by the old', async () => {
    const { who } = await person();
    expect((await change(who, build.PASSWORD)).status).toBe(204);
    expect([await logIn(who.email, build.PASSWORD), await logIn(who.email, NEW_PASSWORD)]).toEqual([401, 200]);
  });

  test('ends one’s other sessions, nobody else’s, and not the one it is done in', async () => {
    const [{ who }, { who: another }] = [await person(), await person()];
    const other = await elsewhere(who.id);
    await change(who, build.PASSWORD);
    const after = [await isLoggedIn(who.token), await isLoggedIn(other), await isLoggedIn(another.token)];
    expect(after).toEqual([true, false, true]);
  });

  test('tells every API process, so that open sockets end too', async () => {
    const { who } = await person();
    const client = new pg.Client({ connectionString: api.databaseUrl });
    await client.connect();
    await client.query(`listen ${ACCESS_CHANNEL}`);
    const notice = new Promise((resolve) => client.once('notification', ({ payload }) => resolve(payload)));
    await change(who, build.PASSWORD);
    expect(await notice).toBe(JSON.stringify({ userId: who.id }));
    await client.end();
  });

  test('takes the current one, and leaves all as it was without it', async () => {
    const { who } = await person();
    const other = await elsewhere(who.id);
    expect(await change(who, 'not the password')).toMatchObject({ status: 422, body: { code: 'wrong_password' } });
    expect([await isLoggedIn(other), await logIn(who.email, build.PASSWORD)]).toEqual([true, 200]);
  });

  test('may be tried no more often than a log-in, and the two count together', async () => {
    const { who } = await person();
    for (let n = 0; n < 5; n += 1) await logIn(who.email, 'a wrong guess');
    for (let n = 0; n < 5; n += 1) expect((await change(who, 'a wrong guess')).status).toBe(422);
    const { status, headers, body } = await change(who, build.PASSWORD);
    expect({ status, body }).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(800);
    expect(await logIn(who.email, build.PASSWORD)).toBe(429);
  });

  test('of two at once is done once', async () => {
    const { who } = await person();
    const passwords = [NEW_PASSWORD, 'en tredje lång lösenfras'];
    const answers = await Promise.all(passwords.map((password) => change(who, build.PASSWORD, password)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 422]);
  });

  test('is in the log, a refusal too, and neither tells a password', async () => {
    const { root, who } = await person();
    await change(who, 'not the password');
    await change(who, build.PASSWORD);
    const entries = await api.db.manager.findBy(AuditEntryEntity, { rootId: root.id, subjectId: who.id });
    expect(entries.map(({ action, actorId, changes }) => ({ action, actorId, changes }))).toEqual([
      { action: 'password.refuse', actorId: who.id, changes: { address: '127.0.0.1' } },
      { action: 'password.change', actorId: who.id, changes: {} },
    ]);
  });

  test('takes no new one shorter than twelve characters', async () => {
    const { who } = await person();
    const answer = await change(who, build.PASSWORD, 'elva tecken');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.password' }] } });
  });
});

describe('a link for a new password', () => {
  const forgetful = async () => {
    const { root, who } = await person();
    const admin = await build.user(api, { role: 'admin', node: root });
    const { link, expiresAt } = await api.as(admin).call(usersApi.giveLink, { params: { id: who.id } });
    return { admin, who, token: tokenOf(link), expiresAt };
  };
  const reset = (token: string) =>
    api.raw(identityApi.resetPassword, { params: { token }, body: { password: NEW_PASSWORD } });

  test('says what it is for, and is valid for 24 hours', async () => {
    const { who, token, expiresAt } = await forgetful();
    const view = await api.call(identityApi.link, { params: { token } });
    expect(view).toEqual({ kind: 'password_reset', email: who.email, name: who.name, expiresAt });
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)).toBe(24);
  });

  test('changes nothing until it is used', async () => {
    const { who } = await forgetful();
    expect([await isLoggedIn(who.token), await logIn(who.email, build.PASSWORD)]).toEqual([true, 200]);
  });

  test('used, sets the password, ends every session of before and logs its person in', async () => {
    const { who, token } = await forgetful();
    const other = await elsewhere(who.id);
    const { headers } = await reset(token);
    expect(await isLoggedIn(tokenIn(headers))).toBe(true);
    expect([await isLoggedIn(who.token), await isLoggedIn(other)]).toEqual([false, false]);
    expect([await logIn(who.email, build.PASSWORD), await logIn(who.email, NEW_PASSWORD)]).toEqual([401, 200]);
  });

  test('works once, also for two at the same time', async () => {
    const { token } = await forgetful();
    const answers = await Promise.all([reset(token), reset(token)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  test('lets in a person whose guesses had shut the log-in', async () => {
    const { who, token } = await forgetful();
    for (let n = 0; n < 10; n += 1) await logIn(who.email, 'a wrong guess');
    expect(await logIn(who.email, build.PASSWORD)).toBe(429);
    await reset(token);
    expect(await logIn(who.email, NEW_PASSWORD)).toBe(200);
  });

  test('is worth nothing as an invitation, nor an invitation as it', async () => {
    const { admin, who, token } = await forgetful();
    const body = { password: NEW_PASSWORD };
    expect((await api.raw(identityApi.acceptInvitation, { params: { token }, body })).status).toBe(404);
    const grant = { role: 'staff', nodeId: who.rootId } as const;
    const invitation = { email: `not-yet-${who.email}`, name: 'Inbjuden', grant };
    const { link } = await api.as(admin).call(usersApi.invite, { body: invitation });
    expect((await reset(tokenOf(link))).status).toBe(404);
  });

  test.each(['another link', 'a changed password', 'a closed account'])('is ended by %s', async (what) => {
    const { admin, who, token } = await forgetful();
    const [params, body] = [{ id: who.id }, { current: build.PASSWORD, password: NEW_PASSWORD }];
    if (what === 'another link') await api.as(admin).call(usersApi.giveLink, { params });
    if (what === 'a changed password') await api.as(who).call(identityApi.changePassword, { body });
    if (what === 'a closed account') await api.as(admin).call(usersApi.disable, { params });
    expect((await reset(token)).status).toBe(404);
  });

  test('is in the log: who gave it, and that its person used it', async () => {
    const { admin, who, token } = await forgetful();
    await reset(token);
    expect(await entriesAbout(who.id, 'password.give_link')).toMatchObject([{ actorId: admin.id, changes: {} }]);
    expect(await entriesAbout(who.id, 'password.reset')).toMatchObject([{ actorId: who.id, changes: {} }]);
  });
});
