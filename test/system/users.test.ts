import { auditApi, type GrantView, type UserView, usersApi } from '#contracts';
import { RoleGrantEntity } from '#database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { buildTown, invitation, refusedBy } from '../support/town.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const town = () => buildTown(api);
const grantIds = ({ grants }: { grants: GrantView[] }): string[] => grants.map(({ id }) => id);

describe('the list of people', () => {
  test('holds those with a role in one’s scope, with those roles alone', async () => {
    const { north, south, admin, northAdmin } = await town();
    const both = await build.user(api, { role: 'manager', node: north, name: 'Åsa Öberg' });
    await build.grant(api, { userId: both.id, role: 'technician', node: south });
    await build.user(api, { role: 'manager', node: south });
    const { rows, total } = await api.as(northAdmin).call(usersApi.list, { query: {} });
    expect(total).toBe(2);
    expect(rows.map(({ id }) => id)).toEqual([northAdmin.id, both.id]); // å comes last in Swedish
    expect(rows[1]?.grants).toMatchObject([{ role: 'manager', on: 'Norr' }]);
    const whole = await api.as(admin).call(usersApi.list, { query: { search: 'åsa ö' } });
    expect(whole.rows).toMatchObject([{ id: both.id, status: 'active' }]);
    expect(whole.rows[0]?.grants.map(({ on }) => on).sort()).toEqual(['Norr', 'Söder']);
  });

  test('comes in pages', async () => {
    const { north, northAdmin } = await town();
    for (let n = 0; n < 3; n += 1) await build.user(api, { role: 'staff', node: north });
    const page = await api.as(northAdmin).call(usersApi.list, { query: { limit: 2, offset: 2 } });
    expect([page.rows.length, page.total]).toEqual([2, 4]);
  });
});

describe('inviting', () => {
  test('makes an account that waits for its person, with a link whose token is not stored', async () => {
    const { north, admin } = await town();
    const answer = await api.as(admin).call(usersApi.invite, { body: invitation(north.id) });
    expect(answer.user).toMatchObject({
      status: 'invited',
      grants: [{ role: 'manager', nodeId: north.id, on: 'Norr' }],
    });
    expect(answer.link).toMatch(/^http:\/\/localhost:0\/link\/[\w-]{43}$/);
    const stored = await api.db.query<{ all: string }[]>(`select string_agg(l::text, ' ') as all from one_time_link l`);
    expect(stored[0]?.all).not.toContain(answer.link?.split('/').at(-1));
  });

  test('reaches no further than one’s own nodes', async () => {
    const { root, south, northAdmin } = await town();
    for (const node of [root, south]) {
      expect((await api.as(northAdmin).raw(usersApi.invite, { body: invitation(node.id) })).status).toBe(404);
    }
  });

  test('an address that is taken answers 409', async () => {
    const { north, admin, northAdmin } = await town();
    const body = { ...invitation(north.id), email: northAdmin.email };
    expect(await api.as(admin).raw(usersApi.invite, { body })).toMatchObject({
      status: 409,
      body: { code: 'already_exists' },
    });
  });
});

describe('granting (rule P5)', () => {
  test('gives another person a role that holds at once', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    await api.as(admin).call(usersApi.grant, { params: { id: who.id }, body: { role: 'auditor', nodeId: north.id } });
    expect((await api.as(who).raw(usersApi.list, { query: {} })).status).toBe(200);
  });

  test('is never for oneself', async () => {
    const { north, admin } = await town();
    const answer = await api
      .as(admin)
      .raw(usersApi.grant, { params: { id: admin.id }, body: { role: 'staff', nodeId: north.id } });
    expect(answer).toMatchObject(refusedBy('own_grant'));
  });

  test('by the administrator of a part holds in that part', async () => {
    const { root, north, south, northAdmin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    for (const node of [root, south]) {
      const body = { role: 'admin', nodeId: node.id };
      expect((await api.as(northAdmin).raw(usersApi.grant, { params: { id: who.id }, body })).status).toBe(404);
    }
  });

  test('gives no role on a trial that one’s node only takes part in', async () => {
    const { north, south, northAdmin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    const foreign = await build.trial(api, south, { participating: [north] });
    const own = await build.trial(api, north);
    const give = (trialId: string) =>
      api.as(northAdmin).raw(usersApi.grant, { params: { id: who.id }, body: { role: 'project_lead', trialId } });
    expect((await give(foreign.id)).status).toBe(404);
    expect((await give(own.id)).status).toBe(200);
  });

  test('crosses no municipality, not even for who administers both', async () => {
    const [one, other] = [await town(), await town()];
    await build.grant(api, { userId: one.admin.id, role: 'admin', node: other.root });
    const body = { role: 'staff', nodeId: other.north.id };
    expect((await api.as(one.admin).raw(usersApi.grant, { params: { id: one.northAdmin.id }, body })).status).toBe(404);
  });

  test('may begin later and end', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    const times = { startsAt: '2099-01-01T00:00:00.000Z', endsAt: '2099-02-01T00:00:00.000Z' };
    const body = { role: 'auditor', nodeId: north.id, ...times } as const;
    const view = await api.as(admin).call(usersApi.grant, { params: { id: who.id }, body });
    expect(view.grants.at(-1)).toMatchObject(times);
    expect((await api.as(who).raw(usersApi.list, { query: {} })).status).toBe(403);
  });
});

describe('ending a role', () => {
  const end = (by: build.TestUser, id: string, grantId: string) =>
    api.as(by).raw(usersApi.endGrant, { params: { id, grantId } });
  const grantsOf = (userId: string) => api.db.manager.findBy(RoleGrantEntity, { userId });

  test('takes the role and the sessions at once, and stays in the history', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'auditor', node: north });
    const [grant] = await grantsOf(who.id);
    const { status, body } = await end(admin, who.id, grant?.id ?? '');
    expect([status, (body as UserView).grants]).toEqual([200, []]);
    expect((await api.as(who).raw(usersApi.list, { query: {} })).status).toBe(401);
    expect((await grantsOf(who.id))[0]?.endsAt).toBeInstanceOf(Date);
  });

  test('that has not begun removes it', async () => {
    const { north, admin } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    const later = await build.grant(api, {
      userId: who.id,
      role: 'auditor',
      node: north,
      startsAt: new Date('2099-01-01'),
    });
    const { body } = await end(admin, who.id, later.id);
    expect(grantIds(body as UserView)).not.toContain(later.id);
    expect((await grantsOf(who.id)).length).toBe(1);
  });

  test('of another person than the path names is not found', async () => {
    const { admin, northAdmin, north } = await town();
    const who = await build.user(api, { role: 'staff', node: north });
    const [grant] = await grantsOf(northAdmin.id);
    expect((await end(admin, who.id, grant?.id ?? '')).status).toBe(404);
  });

  test('leaves the municipality an administrator', async () => {
    const { root, admin } = await town();
    const second = await build.user(api, { role: 'admin', node: root });
    const [[mine], [theirs]] = [await grantsOf(admin.id), await grantsOf(second.id)];
    expect((await end(admin, second.id, theirs?.id ?? '')).status).toBe(200);
    expect(await end(admin, admin.id, mine?.id ?? '')).toMatchObject(refusedBy('last_administrator'));
  });

  test('by two administrators of each other, at the same time, leaves one', async () => {
    const { root, admin } = await town();
    const second = await build.user(api, { role: 'admin', node: root });
    const [[mine], [theirs]] = [await grantsOf(admin.id), await grantsOf(second.id)];
    const answers = await Promise.all([end(admin, second.id, theirs?.id ?? ''), end(second, admin.id, mine?.id ?? '')]);
    expect(answers.filter(({ status }) => status === 200).length).toBe(1);
  });

  test('counts no administrator who was only invited, is closed or leaves by a date', async () => {
    const { root, admin } = await town();
    await api
      .as(admin)
      .call(usersApi.invite, { body: { ...invitation(root.id), grant: { role: 'admin', nodeId: root.id } } });
    const leaving = await build.user(api, { node: root });
    await build.grant(api, { userId: leaving.id, role: 'admin', node: root, endsAt: new Date('2099-01-01') });
    const closed = await build.user(api, { role: 'admin', node: root });
    await api.as(admin).call(usersApi.disable, { params: { id: closed.id } });
    const [mine] = await grantsOf(admin.id);
    expect(await end(admin, admin.id, mine?.id ?? '')).toMatchObject(refusedBy('last_administrator'));
  });
});

test('each change of people is in the log with who made it', async () => {
  const { root, north, admin } = await town();
  const { user } = await api.as(admin).call(usersApi.invite, { body: invitation(north.id) });
  await api.as(admin).call(usersApi.giveLink, { params: { id: user.id } });
  await api.as(admin).call(usersApi.grant, { params: { id: user.id }, body: { role: 'staff', nodeId: root.id } });
  const grantId =
    grantIds((await api.as(admin).call(usersApi.list, { query: { search: user.email } })).rows[0] ?? user)[0] ?? '';
  await api.as(admin).call(usersApi.endGrant, { params: { id: user.id, grantId } });
  await api.as(admin).call(usersApi.disable, { params: { id: user.id } });
  const { rows } = await api.as(admin).call(auditApi.list, { query: { subjectKind: 'user', subjectId: user.id } });
  const actions = ['user.invite', 'grant.give', 'invitation.renew', 'grant.give', 'grant.end', 'user.disable'];
  expect(rows.map(({ action }) => action).reverse()).toEqual(actions);
  expect(new Set(rows.map(({ actorName }) => actorName))).toEqual(new Set([admin.name]));
});
