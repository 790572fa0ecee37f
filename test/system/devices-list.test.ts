import { devicesApi, type DeviceView, organisationApi, placementsApi, trialsApi } from '#contracts';
import { OrgNodeEntity } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, grant, municipality, node, placement, product, trial, user } from '../support/builders.js';
import { minutesAgo, place } from '../support/devices.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const list = (as: ApiClient, query: object = {}) => as.call(devicesApi.list, { query });
const tags = (rows: readonly DeviceView[]): string[] => rows.map(({ assetTag }) => assetTag);

/** All pages of a list, of three devices each, one after the other. */
async function pagesOf(as: ApiClient, query: object = {}): Promise<{ tags: string[]; totals: Set<number> }> {
  const found: string[] = [];
  const totals = new Set<number>();
  for (let offset = 0; ; offset += 3) {
    const { rows, total } = await list(as, { ...query, limit: 3, offset });
    totals.add(total);
    if (rows.length === 0) return { tags: found, totals };
    found.push(...tags(rows));
  }
}

test('pages follow each other in the Swedish order of asset tags, without a gap or a repeat, each with the total', async () => {
  const { unit, as } = await place(api);
  const inOrder = ['A 1', 'a 2', 'B 1', 'V 1', 'W 1', 'Z 1', 'Å 1', 'å 2', 'Ä 1', 'Ö 1'];
  for (const assetTag of inOrder.toReversed()) await device(api, unit, { assetTag });
  expect(await pagesOf(as)).toEqual({ tags: inOrder, totals: new Set([10]) });
  expect(await list(as, { offset: 10 })).toEqual({ rows: [], total: 10 });
});

test('filters hold together, for the rows as for the total', async () => {
  const { unit, as } = await place(api);
  const [north, south] = [
    await product(api, unit, { supplier: 'Nordlås', model: 'Dörr 7' }),
    await product(api, unit, { supplier: 'Sydlås', model: 'Dörr 7' }),
  ];
  for (const [index, of] of [north, south, north, south, north, south].entries())
    await device(api, unit, {
      product: of,
      assetTag: `L-${index}`,
      serial: index < 3 ? `sn${index}00` : null,
      lifecycle: index < 4 ? 'in_use' : 'lost',
    });
  await device(api, unit, { product: north, assetTag: 'L-9', isCanary: true });
  const found = async (query: object) => (await pagesOf(as, query)).tags;
  expect(await found({ productId: north.id })).toEqual(['L-0', 'L-2', 'L-4']);
  expect(await found({ productId: north.id, lifecycle: 'in_use' })).toEqual(['L-0', 'L-2']);
  expect(await found({ search: 'dörr l- nordlås', lifecycle: 'lost' })).toEqual(['L-4']);
  expect(await found({ search: 'sydlås sn1' })).toEqual(['L-1']);
  expect(await found({ search: '7 2' })).toEqual(['L-2']);
  expect(await found({ search: 'sydlås', productId: north.id })).toEqual([]);
  expect(await found({ search: 'nord', canaries: 'included' })).toEqual(['L-0', 'L-2', 'L-4', 'L-9']);
  expect((await pagesOf(as, { search: 'DÖRR', lifecycle: 'in_use' })).totals).toEqual(new Set([4]));
});

test('a search knows the products of the caller’s own municipality alone', async () => {
  const { unit, as } = await place(api);
  const elsewhere = await place(api);
  await device(api, unit, { product: await product(api, unit, { supplier: 'Samma', model: 'Namn' }), assetTag: 'Här' });
  const theirs = await product(api, elsewhere.unit, { supplier: 'Samma', model: 'Namn' });
  await device(api, elsewhere.unit, { product: theirs, assetTag: 'Där' });
  expect(tags((await list(as, { search: 'samma' })).rows)).toEqual(['Här']);
});

test('a device that is both owned by the scope and stood there several times is listed and counted once', async () => {
  const { unit, otherUnit, as } = await place(api);
  const here = await trial(api, unit);
  const own = await device(api, unit, { assetTag: 'Egen' });
  const guest = await device(api, otherUnit, { assetTag: 'Gäst' });
  for (const placed of [own, guest]) {
    await placement(api, { device: placed, node: unit }, { endsAt: minutesAgo(60) });
    await placement(api, { device: placed, node: unit }, { trial: here, startsAt: minutesAgo(60) });
  }
  expect(await list(as)).toMatchObject({ total: 2, rows: [{ id: own.id }, { id: guest.id }] });
});

/** Everything in lists of which the whole municipality has a cheaper way. */
async function listed(as: ApiClient): Promise<string[]> {
  const [devices, trials, placements, nodes] = [
    await list(as),
    await as.call(trialsApi.list, { query: {} }),
    await as.call(placementsApi.list, { query: {} }),
    await as.call(organisationApi.list, { query: {} }),
  ];
  return [...devices.rows, ...trials.rows, ...placements.rows, ...nodes].map(({ id }) => id).sort();
}

/** A unit with a trial and devices that it owns, has in place, or had. */
async function inhabited(root: OrgNodeEntity): Promise<{ unit: OrgNodeEntity }> {
  const [unit, other] = [await node(api, root), await node(api, root)];
  const tried = await trial(api, unit, { participating: [other] });
  const of = await product(api, root);
  const [own, guest] = [await device(api, unit, { product: of }), await device(api, other, { product: of })];
  await placement(api, { device: own, node: other }, { trial: tried, endsAt: minutesAgo(60) });
  await placement(api, { device: guest, node: unit });
  return { unit };
}

test('the whole municipality is the same rows whichever way its grants say it, and never a neighbour’s', async () => {
  const [root, neighbour] = [await municipality(api), await municipality(api)];
  const { unit } = await inhabited(root);
  await inhabited(neighbour);
  const by = async (grants: readonly OrgNodeEntity[]) => {
    const [first, ...more] = grants;
    const person = await user(api, { role: 'auditor', node: first! });
    for (const at of more) await grant(api, { userId: person.id, role: 'auditor', node: at });
    return listed(api.as(person));
  };
  const whole = await by([root]);
  const ids = await api.db.query<{ id: string }[]>(
    `select id from device where root_id = $1 union all select id from trial where root_id = $1
     union all select id from placement where root_id = $1 union all select id from org_node where root_id = $1 order by 1`,
    [root.id],
  );
  expect(whole).toEqual(ids.map(({ id }) => id).sort());
  expect(await by([root, unit])).toEqual(whole);
  const units = await api.db.manager.findBy(OrgNodeEntity, { parentId: root.id });
  expect(await by(units)).toEqual(whole);
});

test('who holds their own municipality and a unit of another sees both, and nothing else of the other', async () => {
  const [root, neighbour] = [await municipality(api), await municipality(api)];
  await inhabited(root);
  const there = await inhabited(neighbour);
  await device(api, neighbour, { product: await product(api, neighbour) });
  const both = await user(api, { role: 'auditor', node: root });
  const ofOne = await listed(api.as(both));
  await grant(api, { userId: both.id, role: 'auditor', node: there.unit });
  const atUnit = await listed(api.as(await user(api, { role: 'auditor', node: there.unit })));
  expect(await listed(api.as(both))).toEqual([...ofOne, ...atUnit].sort());
});

test('nothing of a municipality is owned, stands or is tried in another, even for who works in both: its list relies on it', async () => {
  const [one, other] = [await municipality(api), await municipality(api)];
  const both = await user(api, { role: 'technician', node: one });
  await grant(api, { userId: both.id, role: 'technician', node: other });
  const as = api.as(both);
  const [here, there] = [await node(api, one), await node(api, other)];
  const tried = await trial(api, there);
  const own = await device(api, here);
  const refused = { status: 422, body: { code: 'municipality_differs' } };
  const edit = { params: { id: own.id }, body: { ownerNodeId: there.id } };
  expect(await as.raw(devicesApi.edit, edit)).toMatchObject(refused);
  const body = { deviceId: own.id, nodeId: there.id, purpose: 'operation' } as const;
  expect(await as.raw(placementsApi.place, { body })).toMatchObject(refused);
  const trying = { ...body, nodeId: here.id, purpose: 'trial', trialId: tried.id, arm: 'intervention' } as const;
  expect(await as.raw(placementsApi.place, { body: trying })).toMatchObject(refused);
  expect(await api.db.query('select from placement where device_id = $1', [own.id])).toEqual([]);
});
