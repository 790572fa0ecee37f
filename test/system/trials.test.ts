import { type RegisterTrial, type TrialView, trialsApi } from '#contracts';
import type { OrgNodeEntity } from '#database';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { grant, municipality, node, product, trial, user } from '../support/builders.js';
import { cost, goal, line, plan, rule } from './trials-plan.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

/** A municipality with two units and a technician at the first. */
async function place() {
  const root = await municipality(api);
  const [unit, otherUnit] = [await node(api, root), await node(api, root)];
  const as = api.as(await user(api, { role: 'technician', node: unit }));
  return { root, unit, otherUnit, as };
}

const register = (as: ApiClient, owner: OrgNodeEntity, given: Partial<RegisterTrial> = {}): Promise<TrialView> =>
  as.call(trialsApi.register, { body: plan(owner, given) });
const codeOf = async (as: ApiClient, owner: OrgNodeEntity, given: object): Promise<string | undefined> =>
  ((await as.raw(trialsApi.register, { body: { ...plan(owner), ...given } })).body as { code?: string }).code;
const move = (as: ApiClient, { id }: { id: string }, body: object) => as.raw(trialsApi.move, { params: { id }, body });

/** Moves a trial through these stages, now. */
async function pass(as: ApiClient, of: { id: string }, ...stages: string[]): Promise<void> {
  for (const stage of stages) expect(await move(as, of, { stage })).toMatchObject({ status: 200 });
}

function editOf(view: TrialView, change: object = {}): Record<string, unknown> {
  const { title, need, productId, participatingNodeIds, initiativeType, plannedStartsOn, plannedEndsOn } = view;
  const { investmentOn, horizonYears, discountRate, caseReference, revision } = view;
  const [goals, costs] = [
    view.goals.map(({ id: _id, ...given }) => given),
    view.costs.map(({ id: _id, ...given }) => given),
  ];
  const frame = {
    title,
    need,
    productId,
    participatingNodeIds,
    initiativeType,
    plannedStartsOn,
    plannedEndsOn,
    investmentOn,
  };
  return { ...frame, horizonYears, discountRate, caseReference, revision, goals, costs, ...change };
}

test('a trial is registered whole, an idea at first', async () => {
  const { unit, otherUnit, as } = await place();
  const of = await product(api, unit);
  const view = await register(as, unit, { productId: of.id, participatingNodeIds: [otherUnit.id] });
  expect(view).toMatchObject({
    stage: 'idea',
    nextStages: ['preparation', 'paused', 'stopped'],
    mayEdit: true,
    revision: 1,
    devices: 0,
  });
  expect(view).toMatchObject({
    productName: `${of.supplier} ${of.model}`,
    ownerNodeName: unit.name,
    participatingNodes: [{ name: otherUnit.name }],
  });
  expect(view).toMatchObject({
    goals: [goal],
    costs: [cost],
    benefits: [{ ...line, rule: { ...rule, version: 1, reason: '' } }],
  });
  expect(view.stageChanges).toMatchObject([{ stage: 'idea', reason: '' }]);
  expect(await as.call(trialsApi.get, { params: { id: view.id } })).toEqual(view);
});

test('trials of a municipality are numbered from 1 in each year, without gaps, however many are registered at once', async () => {
  const { root, unit } = await place();
  const technicians = await Promise.all([1, 2, 3, 4].map(() => user(api, { role: 'technician', node: unit })));
  const views = await Promise.all(
    [...technicians, ...technicians].map((one) => register(api.as(one), unit, { goals: [] })),
  );
  const failed = await codeOf(api.as(technicians[0]!), unit, {
    benefits: [{ ...line, rule: { ...rule, metric: 'steps' } }],
  });
  const last = await register(api.as(technicians[0]!), unit);
  const year = new Intl.DateTimeFormat('sv-SE', { year: 'numeric', timeZone: root.timeZone! }).format(new Date());
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `P-${year}-00${number}`);
  expect(views.map(({ code }) => code).sort()).toEqual(numbers);
  expect([failed, last.code]).toEqual(['measurement_rule_metric', `P-${year}-009`]);
});

test('each municipality has numbers of its own', async () => {
  const [one, other] = [await place(), await place()];
  expect((await register(one.as, one.unit)).code).toBe((await register(other.as, other.unit)).code);
});

test('SQL and HTML in texts are plain text', async () => {
  const { unit, as } = await place();
  const title = `Lås'); drop table trial;-- <script>alert("x")</script> ${'${1+1}'}`;
  const view = await register(as, unit, { title, need: title, goals: [{ ...goal, description: title }] });
  expect([view.title, view.need, view.goals[0]?.description]).toEqual([title, title, title]);
});

test('a trial is owned by a node of the scope, of a product of its family, and its dates come in order', async () => {
  const { unit, otherUnit, as } = await place();
  const screen = await product(api, unit, { family: 'smart_screen' });
  const foreign = await product(api, await municipality(api));
  expect(await codeOf(as, unit, { ownerNodeId: otherUnit.id })).toBe('not_found');
  expect(await codeOf(as, unit, { productId: foreign.id })).toBe('not_found');
  expect(await codeOf(as, unit, { productId: screen.id })).toBe('product_family_differs');
  expect(await codeOf(as, unit, { plannedEndsOn: '2026-01-01' })).toBe('trial_dates');
  expect(await codeOf(as, unit, { costs: [{ ...cost, endsOn: '2025-12-31' }] })).toBe('validity_reversed');
  expect(await codeOf(as, unit, { benefits: [{ ...line, endsOn: '2026-01-01' }] })).toBe('validity_reversed');
});

test('participating nodes are of the same municipality, in or beyond the scope', async () => {
  const { unit, otherUnit, as } = await place();
  const foreign = await municipality(api);
  expect(await codeOf(as, unit, { participatingNodeIds: [otherUnit.id, foreign.id] })).toBe('municipality_differs');
  const view = await register(as, unit, { participatingNodeIds: [otherUnit.id, otherUnit.id] });
  expect(view.participatingNodeIds).toEqual([otherUnit.id]);
});

test.each([
  [{ metric: 'session' }, 'measurement_rule_metric'],
  [{ filter: { visit: ['planned'] } }, 'measurement_rule_filter'],
  [{ filter: { result: ['maybe'] } }, 'measurement_rule_filter'],
  [{ failureFilter: { nobody: ['knows'] } }, 'measurement_rule_filter'],
  [{ hourlyCostOre: 1_000_001 }, 'measurement_rule_number'],
])('a rule with %j cannot be met by the family’s devices: %s', async (terms, code) => {
  const { unit, as } = await place();
  expect(await codeOf(as, unit, { benefits: [{ ...line, rule: { ...rule, ...terms } }] })).toBe(code);
});

test('a trial outside the scope does not exist; a participating unit reads it and changes nothing', async () => {
  const { root, unit, otherUnit, as } = await place();
  const { id, benefits } = await register(as, unit, { participatingNodeIds: [otherUnit.id] });
  const guest = api.as(await user(api, { role: 'technician', node: otherUnit }));
  const stranger = api.as(await user(api, { role: 'technician', node: await node(api, root) }));
  const statuses = async (client: ApiClient): Promise<number[]> => {
    const view = await as.call(trialsApi.get, { params: { id } });
    const lineId = benefits[0]!.id;
    return [
      (await client.raw(trialsApi.get, { params: { id } })).status,
      (await client.raw(trialsApi.edit, { params: { id }, body: editOf(view) })).status,
      (await move(client, { id }, { stage: 'preparation' })).status,
      (await client.raw(trialsApi.changeRule, { params: { id, lineId }, body: { rule } })).status,
      (await client.call(trialsApi.list, { query: {} })).total,
    ];
  };
  expect(await statuses(stranger)).toEqual([404, 404, 404, 404, 0]);
  expect(await statuses(guest)).toEqual([200, 404, 404, 404, 1]);
  expect(await guest.call(trialsApi.get, { params: { id } })).toMatchObject({ mayEdit: false });
});

test('a manager reads and may not edit; a project lead edits their own trial alone', async () => {
  const { unit } = await place();
  const [own, other] = [await trial(api, unit), await trial(api, unit)];
  const manager = api.as(await user(api, { role: 'manager', node: unit }));
  expect((await manager.call(trialsApi.get, { params: { id: own.id } })).mayEdit).toBe(false);
  const lead = api.as(await user(api, { role: 'project_lead', trial: own }));
  const view = await lead.call(trialsApi.get, { params: { id: own.id } });
  expect(view.mayEdit).toBe(true);
  expect(
    (await lead.call(trialsApi.edit, { params: { id: own.id }, body: editOf(view, { title: 'Ny titel' }) as never }))
      .title,
  ).toBe('Ny titel');
  expect((await lead.raw(trialsApi.get, { params: { id: other.id } })).status).toBe(404);
});

test('who reads one unit’s trial and edits another’s may edit the second alone', async () => {
  const { unit, otherUnit } = await place();
  const person = await user(api, { role: 'auditor', node: unit });
  await grant(api, { userId: person.id, role: 'technician', node: otherUnit });
  const [audited, own] = [await trial(api, unit), await trial(api, otherUnit)];
  const mayEdit = async (id: string) => (await api.as(person).call(trialsApi.get, { params: { id } })).mayEdit;
  expect([await mayEdit(audited.id), await mayEdit(own.id)]).toEqual([false, true]);
});

test('who has not seen the newest revision is refused, and of two at once one is', async () => {
  const { unit, as } = await place();
  const view = await register(as, unit);
  const edit = (title: string) => as.raw(trialsApi.edit, { params: { id: view.id }, body: editOf(view, { title }) });
  const answers = await Promise.all([edit('Min titel'), edit('Din titel')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ code: 'changed_meanwhile' });
  expect((await as.call(trialsApi.get, { params: { id: view.id } })).revision).toBe(2);
});

test('an edit replaces goals, costs and participating nodes', async () => {
  const { unit, otherUnit, as } = await place();
  const view = await register(as, unit);
  const change = {
    goals: [goal, { ...goal, kind: 'project' }],
    costs: [],
    participatingNodeIds: [otherUnit.id],
    plannedEndsOn: '2026-07-31',
  };
  const edited = await as.call(trialsApi.edit, { params: { id: view.id }, body: editOf(view, change) as never });
  expect(edited).toMatchObject({ ...change, revision: 2, benefits: view.benefits });
});

test('goals are frozen from the approval on (rule B10); the rest of the plan is not', async () => {
  const { unit, as } = await place();
  const { id } = await register(as, unit);
  await pass(as, { id }, 'preparation', 'approved');
  const view = await as.call(trialsApi.get, { params: { id } });
  const edit = (change: object) => as.raw(trialsApi.edit, { params: { id }, body: editOf(view, change) });
  expect(await edit({ goals: [{ ...goal, target: 29 }] })).toMatchObject({
    status: 422,
    body: { code: 'reason_required' },
  });
  expect(await edit({ need: 'Mer känt om behovet' })).toMatchObject({ status: 200, body: { goals: [goal] } });
});

test('similar trials are shown from the whole municipality, and from no other (rule D5)', async () => {
  const { unit, otherUnit, as } = await place();
  const of = await product(api, unit);
  const [same, family] = [await trial(api, otherUnit, { productId: of.id }), await trial(api, otherUnit)];
  await trial(api, otherUnit, { family: 'sleep_robot' });
  await trial(api, await municipality(api));
  const similar = await as.call(trialsApi.similar, { query: { family: 'keyless_lock', productId: of.id } });
  expect(similar.map(({ id }) => id)).toEqual([same.id, family.id]);
  expect(similar[0]).toMatchObject({ ownerNodeName: otherUnit.name, stage: 'running' });
  expect((await as.raw(trialsApi.get, { params: { id: same.id } })).status).toBe(404);
});

test('trials are found by words in any order, stage and page', async () => {
  const { unit, as } = await place();
  await register(as, unit, { title: 'Sömnrobotar på Åsgården' });
  const running = await trial(api, unit, { title: '100 % lås_' });
  const titles = async (query: object) => (await as.call(trialsApi.list, { query })).rows.map(({ title }) => title);
  expect(await titles({ search: 'åsgården SÖMN' })).toEqual(['Sömnrobotar på Åsgården']);
  expect(await titles({ search: '%' })).toEqual([running.title]);
  expect(await titles({ search: 's_' })).toEqual([running.title]);
  expect(await titles({ stage: 'running' })).toEqual([running.title]);
  expect(await as.call(trialsApi.list, { query: { limit: 1 } })).toMatchObject({ total: 2, rows: [{}] });
});
