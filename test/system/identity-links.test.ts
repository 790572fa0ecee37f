import { identityApi, usersApi } from '#contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FirstAdministrator } from '../../apps/api/src/identity/log-in/first-administrator.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { manager, tokenOf } from '../support/identity.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

describe('the first administrator', () => {
  const prepare = (): Promise<string | null> => api.app.get(FirstAdministrator, { strict: false }).prepareLink();
  const body = {
    municipality: 'Nya kommunen',
    name: 'Första Administratören',
    email: 'first@example.se',
    password: 'en lång lösenfras',
  };
  const withoutAccounts = async (): Promise<void> => {
    // Accounts of earlier tests are made a demo's: those do not count.
    await api.db.query(`update org_node set demo = true where parent_id is null`);
  };

  test('has no link once there is an account', async () => {
    await manager(api);
    expect(await prepare()).toBeNull();
  });

  test('creates the municipality by the link, is logged in as its administrator, and the link is used', async () => {
    await withoutAccounts();
    const token = tokenOf((await prepare()) ?? '');
    expect(await api.call(identityApi.link, { params: { token } })).toMatchObject({
      kind: 'first_administrator',
      email: null,
    });
    const view = await api.call(identityApi.setUp, { params: { token }, body });
    expect(view.municipality).toMatchObject({ name: 'Nya kommunen', demo: false });
    expect(view.grants).toMatchObject([{ role: 'admin', nodeId: view.municipality.id }]);
    const again = await api.raw(identityApi.setUp, {
      params: { token },
      body: { ...body, email: 'second@example.se' },
    });
    expect(again).toMatchObject({ status: 404, body: { code: 'link_not_valid' } });
  });

  test('of two who use the link at the same time one is let in', async () => {
    await withoutAccounts();
    const token = tokenOf((await prepare()) ?? '');
    const emails = ['one@example.se', 'two@example.se'];
    const answers = await Promise.all(
      emails.map((email) => api.raw(identityApi.setUp, { params: { token }, body: { ...body, email } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  });

  test('loses the old link when the server starts again, and any link after 24 hours', async () => {
    await withoutAccounts();
    const [old, fresh] = [tokenOf((await prepare()) ?? ''), tokenOf((await prepare()) ?? '')];
    expect((await api.raw(identityApi.link, { params: { token: old } })).status).toBe(404);
    const { expiresAt } = await api.call(identityApi.link, { params: { token: fresh } });
    expect(Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)).toBe(24);
    await api.db.query(`update one_time_link set expires_at = now()`);
    expect((await api.raw(identityApi.link, { params: { token: fresh } })).status).toBe(404);
  });

  test('is told which time zone is none', async () => {
    await withoutAccounts();
    const token = tokenOf((await prepare()) ?? '');
    const answer = await api.raw(identityApi.setUp, {
      params: { token },
      body: { ...body, email: 'z@example.se', timeZone: 'Nowhere' },
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'time_zone_unknown' } });
  });
});

describe('an invitation', () => {
  const invited = async () => {
    const root = await build.municipality(api);
    const admin = await build.user(api, { role: 'admin', node: root });
    const body = {
      email: `invited-${root.id}@example.se`,
      name: 'Inbjuden',
      grant: { role: 'manager', nodeId: root.id },
    } as const;
    const answer = await api.as(admin).call(usersApi.invite, { body });
    return { admin, user: answer.user, token: tokenOf(answer.link), email: body.email };
  };
  const accept = (token: string) =>
    api.raw(identityApi.acceptInvitation, { params: { token }, body: { password: 'my new passphrase' } });

  test('lets its person choose a password, once, and log in by it', async () => {
    const { token, email } = await invited();
    expect((await accept(token)).status).toBe(200);
    expect((await accept(token)).status).toBe(404);
    expect((await api.raw(identityApi.logIn, { body: { email, password: 'my new passphrase' } })).status).toBe(200);
  });

  test('is replaced by a renewed one', async () => {
    const { admin, user, token } = await invited();
    const renewed = await api.as(admin).call(usersApi.giveLink, { params: { id: user.id } });
    expect((await accept(token)).status).toBe(404);
    expect((await accept(tokenOf(renewed.link))).status).toBe(200);
  });

  test('is worth nothing when the account has been closed', async () => {
    const { admin, user, token } = await invited();
    await api.as(admin).call(usersApi.disable, { params: { id: user.id } });
    expect((await accept(token)).status).toBe(404);
  });

  test('takes no password shorter than twelve characters', async () => {
    const { token } = await invited();
    const answer = await api.raw(identityApi.acceptInvitation, {
      params: { token },
      body: { password: 'elva tecken' },
    });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'body.password' }] } });
  });
});
