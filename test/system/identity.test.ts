import { identityApi } from '#contracts';
import { AuditEntryEntity, FailedLoginEntity, UserAccountEntity, WebSessionEntity } from '#database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashPassword, verifyPassword } from '../../apps/api/src/identity/passwords.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { manager, tokenIn } from '../support/identity.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.manager.clear(FailedLoginEntity);
});

const person = (given: { demo?: boolean } = {}) => manager(api, given);

describe('logging in', () => {
  test('opens a session that says who one is and what one may', async () => {
    const { root, who } = await person();
    const view = await api.call(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } });
    expect(view.user).toMatchObject({ id: who.id, name: who.name, locale: 'sv' });
    expect(view.municipality).toEqual({ id: root.id, name: root.name, timeZone: 'Europe/Stockholm', demo: false });
    expect(view.grants).toMatchObject([{ role: 'manager', nodeId: root.id, on: root.name }]);
    expect(view.permissions).toContain('benefit:confirm');
    expect(view.permissions).not.toContain('user:edit');
  });

  test('does not mind the case of the address', async () => {
    const { who } = await person();
    const body = { email: who.email.toUpperCase(), password: build.PASSWORD };
    expect((await api.raw(identityApi.logIn, { body })).status).toBe(200);
  });

  test('sets a cookie that scripts cannot read and other sites cannot use', async () => {
    const { who } = await person();
    const { headers } = await api.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } });
    expect(headers.get('set-cookie')).toMatch(/^nyttospar_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  });

  test('stores only the hash of the session’s token', async () => {
    const { who } = await person();
    const { headers } = await api.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } });
    const rows = await api.db.manager.findBy(WebSessionEntity, { userId: who.id });
    expect(rows.map(({ tokenHash }) => tokenHash.toString('utf8'))).not.toContain(tokenIn(headers));
  });

  test('rotates the cookie: the session that the browser had ends', async () => {
    const { who } = await person();
    const body = { email: who.email, password: build.PASSWORD };
    const { headers } = await api.as(who).raw(identityApi.logIn, { body });
    expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
    expect((await api.as({ token: tokenIn(headers) }).raw(identityApi.session)).status).toBe(200);
  });

  test.each(['wrong password', 'unknown address'])('answers the same for a %s', async (what) => {
    const { who } = await person();
    const email = what === 'unknown address' ? 'nobody@example.se' : who.email;
    const { status, body } = await api.raw(identityApi.logIn, { body: { email, password: 'not the password' } });
    expect({ status, body }).toMatchObject({ status: 401, body: { code: 'wrong_email_or_password' } });
  });

  test('writes a refused log-in of an account to the log', async () => {
    const { root, who } = await person();
    await api.raw(identityApi.logIn, { body: { email: who.email, password: 'not the password' } });
    const entries = await api.db.manager.findBy(AuditEntryEntity, { rootId: root.id, action: 'session.refuse' });
    expect(entries).toMatchObject([{ subjectId: who.id, actorId: null, changes: { address: '127.0.0.1' } }]);
  });

  test('refuses a session older than seven days and one unused for twelve hours', async () => {
    const [old, idle] = [(await person()).who, (await person()).who];
    const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000);
    await api.db.manager.update(WebSessionEntity, { userId: old.id }, { expiresAt: ago(0.01) });
    await api.db.manager.update(WebSessionEntity, { userId: idle.id }, { lastUsedAt: ago(12.1) });
    for (const who of [old, idle]) expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
  });
});

describe('guessing passwords', () => {
  const guess = (email: string, password = 'a wrong guess') =>
    api.raw(identityApi.logIn, { body: { email, password } });

  test('stops after ten attempts on an account, also ten at once, and says when to come back', async () => {
    const { who } = await person();
    const answers = await Promise.all(Array.from({ length: 14 }, () => guess(who.email)));
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(10);
    const { status, headers, body } = await guess(who.email, build.PASSWORD);
    expect({ status, body }).toMatchObject({ status: 429, body: { code: 'too_many_attempts' } });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(800); // 15 minutes after the first
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(900);
  });

  test('is forgotten by success', async () => {
    const { who } = await person();
    for (let n = 0; n < 9; n += 1) await guess(who.email);
    expect((await guess(who.email, build.PASSWORD)).status).toBe(200);
    for (let n = 0; n < 10; n += 1) expect((await guess(who.email)).status).toBe(401);
  });

  test('stops after fifty attempts from an address, whatever the accounts', async () => {
    const at = new Date();
    const rows = Array.from({ length: 50 }, (_, n) => ({ accountHash: Buffer.from([n]), address: '127.0.0.1', at }));
    await api.db.manager.insert(FailedLoginEntity, rows);
    expect((await guess('another@example.se')).status).toBe(429);
  });

  test('is allowed again when fifteen minutes have passed', async () => {
    const { who } = await person();
    for (let n = 0; n < 11; n += 1) await guess(who.email);
    expect((await guess(who.email)).status).toBe(429);
    await api.db.query(`update failed_login set at = at - interval '15 minutes'`);
    expect((await guess(who.email, build.PASSWORD)).status).toBe(200);
  });
});

describe('passwords', () => {
  test('are kept as argon2id with 19 MiB and two passes', async () => {
    expect(await hashPassword('a long passphrase')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  test('are verified, and nothing matches an account without one', async () => {
    const stored = await hashPassword('a long passphrase');
    const guesses = [
      verifyPassword(stored, 'a long passphrase'),
      verifyPassword(stored, 'another'),
      verifyPassword(null, ''),
    ];
    expect(await Promise.all(guesses)).toEqual([true, false, false]);
    expect(await verifyPassword(null, 'nobody has this password')).toBe(false);
  });
});

describe('logging out', () => {
  test('ends the session and takes the cookie away', async () => {
    const { who } = await person();
    const { headers } = await api.as(who).raw(identityApi.logOut);
    expect(headers.get('set-cookie')).toMatch(/^nyttospar_session=; Max-Age=0; /);
    expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
  });
});

test('one’s language is remembered', async () => {
  const { who } = await person();
  await api.as(who).call(identityApi.setLocale, { body: { locale: 'en' } });
  expect((await api.as(who).call(identityApi.session)).user.locale).toBe('en');
});

test('another site’s page changes nothing, whatever cookie the browser sends along', async () => {
  const { who } = await person();
  const headers = { origin: 'https://elsewhere.example' };
  expect((await api.as(who).raw(identityApi.logOut, { headers })).status).toBe(403);
});

describe('a demo’s accounts (rule K4)', () => {
  let open: TestApi;
  beforeAll(async () => {
    open = await startApi({ BIND: '0.0.0.0' });
  });
  afterAll(() => open.close());

  test('log in while only this machine can reach the server', async () => {
    const { who } = await person({ demo: true });
    expect((await api.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } })).status).toBe(
      200,
    );
  });

  test('are refused when others can, with a session from before too', async () => {
    const root = await build.municipality(open, { demo: true });
    const who = await build.user(open, { role: 'manager', node: root });
    const answer = await open.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } });
    expect(answer).toMatchObject({ status: 403, body: { code: 'demo_only_locally' } });
    expect((await open.as(who).raw(identityApi.session)).status).toBe(401);
  });

  test('do not keep the others out', async () => {
    const root = await build.municipality(open);
    const who = await build.user(open, { role: 'manager', node: root });
    expect((await open.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } })).status).toBe(
      200,
    );
  });
});

test('a closed account is like one that never was', async () => {
  const { who } = await person();
  await api.db.manager.update(UserAccountEntity, { id: who.id }, { disabledAt: new Date() });
  const answer = await api.raw(identityApi.logIn, { body: { email: who.email, password: build.PASSWORD } });
  expect(answer).toMatchObject({ status: 401, body: { code: 'wrong_email_or_password' } });
  expect((await api.as(who).raw(identityApi.session)).status).toBe(401);
});
