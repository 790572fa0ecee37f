import { auditApi, productsApi } from '#contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';
import { device, municipality, node, product, trial, user } from '../support/builders.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A municipality with a unit, a technician at the unit and a manager. */
async function place() {
  const root = await municipality(api);
  const unit = await node(api, root);
  const technician = await user(api, { role: 'technician', node: unit });
  return { root, unit, technician, as: api.as(technician) };
}

const lock = { family: 'keyless_lock', supplier: 'Låsbolaget Å', model: 'Dörröga 2' } as const;

test('a registered product is in the whole municipality’s catalogue, with its registrar in the log', async () => {
  const { root, as } = await place();
  const registered = await as.call(productsApi.register, { body: { ...lock, priceMonthOre: 14_900 } });
  const other = await user(api, { role: 'technician', node: await node(api, root) });
  expect(await api.as(other).call(productsApi.get, { params: { id: registered.id } })).toEqual(registered);
  expect(registered).toMatchObject({ ...lock, priceMonthOre: 14_900, devices: 0, trials: 0, licenceCount: null });
  const auditor = api.as(await user(api, { role: 'auditor', node: root }));
  const log = await auditor.call(auditApi.list, { query: { subjectId: registered.id } });
  expect(log.rows.map(({ action }) => action)).toEqual(['product.register']);
});

test('another municipality’s product does not exist', async () => {
  const mine = await place();
  const theirs = await place();
  const { id } = await theirs.as.call(productsApi.register, { body: lock });
  expect((await mine.as.raw(productsApi.get, { params: { id } })).status).toBe(404);
  expect((await mine.as.raw(productsApi.edit, { params: { id }, body: lock })).status).toBe(404);
  expect((await mine.as.call(productsApi.list, { query: {} })).total).toBe(0);
});

test('the same supplier and model cannot be registered twice, whatever the capitals', async () => {
  const { as } = await place();
  await as.call(productsApi.register, { body: lock });
  const again = await as.raw(productsApi.register, { body: { ...lock, supplier: 'LÅSBOLAGET Å' } });
  expect(again).toMatchObject({ status: 409, body: { code: 'already_exists' } });
});

test('a product counts its devices and trials', async () => {
  const { unit, as } = await place();
  const counted = await product(api, unit);
  await device(api, unit, { product: counted });
  await device(api, unit, { product: counted });
  await trial(api, unit, { productId: counted.id });
  expect((await as.call(productsApi.list, { query: {} })).rows).toMatchObject([
    { id: counted.id, devices: 2, trials: 1 },
  ]);
});

test.each([
  ['låsbolaget', 'å in small letters'],
  ['ÖGA', 'ö in capitals, inside a word'],
  ['2 lås', 'words in another order'],
  ['dorroga', 'no match without the dots', 0],
  ['%%', 'per cent signs for themselves', 0],
  ['____', 'underscores for themselves', 0],
  ['\\', 'a backslash for itself', 0],
  ["'; drop table product; --", 'SQL', 0],
])('the search %s takes %s', async (search, _what, found = 1) => {
  const { as } = await place();
  await as.call(productsApi.register, { body: lock });
  expect((await as.call(productsApi.list, { query: { search } })).total).toBe(found);
});

test('the search forgives a slip of the pen', async () => {
  const { as } = await place();
  await as.call(productsApi.register, { body: { ...lock, supplier: 'Trygghetsteknik', model: 'Sovgott' } });
  expect((await as.call(productsApi.list, { query: { search: 'Trygghetstekník' } })).total).toBe(1);
});

test('products come in Swedish order, a page at a time', async () => {
  const { as } = await place();
  for (const supplier of ['Östens', 'Zeta', 'Ärlig', 'Alfa', 'Åkers'])
    await as.call(productsApi.register, { body: { ...lock, supplier } });
  const page = await as.call(productsApi.list, { query: { limit: 2, offset: 2 } });
  expect([page.total, ...page.rows.map(({ supplier }) => supplier)]).toEqual([5, 'Åkers', 'Ärlig']);
});

test('a change replaces what was there; SQL and HTML are plain text', async () => {
  const { as } = await place();
  const { id } = await as.call(productsApi.register, { body: lock });
  const intendedPurpose = `Robert'); drop table product;-- <script>alert(1)</script>`;
  const edited = await as.call(productsApi.edit, {
    params: { id },
    body: { ...lock, model: 'Dörröga 3', intendedPurpose },
  });
  expect(edited).toMatchObject({ id, model: 'Dörröga 3', intendedPurpose });
});

test('the family of a product in use cannot change: it would change what its usage means', async () => {
  const { unit, as } = await place();
  const used = await product(api, unit);
  await device(api, unit, { product: used });
  const answer = await as.raw(productsApi.edit, { params: { id: used.id }, body: { ...lock, family: 'smart_screen' } });
  expect(answer).toMatchObject({ status: 422, body: { code: 'product_family_in_use' } });
});

test('a manager reads the catalogue but registers nothing', async () => {
  const { unit } = await place();
  const manager = api.as(await user(api, { role: 'manager', node: unit }));
  expect((await manager.raw(productsApi.list)).status).toBe(200);
  expect((await manager.raw(productsApi.register, { body: lock })).status).toBe(403);
});
