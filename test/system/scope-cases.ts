import type { CallOf, Endpoint } from '#contracts';
import * as contracts from '#contracts';
import { type Place, RULE } from './scope-world.js';

type Parts = { params?: object; query?: object; body?: object };

/** How a request of an endpoint names what belongs to a place. */
export interface Case {
  parts: (place: Place) => Parts;
  /** Paths in the request whose ids may be anything of one's municipality, each for a reason. */
  municipal?: Record<string, string>;
}

const PRODUCTS = 'products are known to the whole municipality, so that nothing is bought twice';
const PARTNERS = 'a trial may be run at any unit of the municipality; its owner names them';

let last = 0;
const fresh = (): number => (last += 1);

/** A case whose request must match its endpoint's own types. */
const to = <E extends Endpoint>(
  _endpoint: E,
  parts: (place: Place) => CallOf<E>,
  municipal: Record<string, string> = {},
): Case => ({
  parts: parts as Case['parts'],
  municipal,
});

const {
  benefitsApi,
  devicesApi,
  gatewaysApi,
  liveApi,
  mappingsApi,
  organisationApi,
  placementsApi,
  productsApi,
  trialsApi,
  usersApi,
} = contracts;

const trialPlan = (place: Place) => ({
  title: 'Provning av lås',
  need: '',
  productId: place.product.id,
  participatingNodeIds: [place.child.id],
  initiativeType: 'project' as const,
  plannedStartsOn: '2026-01-01',
  plannedEndsOn: '2026-06-01',
  investmentOn: '2026-01-01',
  horizonYears: 4,
  discountRate: 0.03,
  caseReference: '',
  goals: [],
  costs: [],
});
const justNow = (): string => new Date(Date.now() - 60_000).toISOString();
const product = () => ({ family: 'keyless_lock' as const, supplier: 'Låsbolaget', model: `Nytt ${fresh()}` });

/** Each endpoint that names something, by its name in the contracts. A new one without a case fails the test. */
export const CASES: Record<string, Case> = {
  'benefits.trial': to(benefitsApi.trial, ({ trial }) => ({ params: { id: trial.id } })),
  'benefits.confirm': to(benefitsApi.confirm, ({ trial, line, unit }) => ({
    params: { id: trial.id, lineId: line.id },
    body: { nodeId: unit.id, month: '2026-02', confirmedOre: 100, actionTaken: 'Mer tid hos brukarna' },
  })),
  'devices.get': to(devicesApi.get, ({ spare }) => ({ params: { id: spare.id } })),
  'devices.days': to(devicesApi.days, ({ spare }) => ({ params: { id: spare.id } })),
  'devices.list': to(devicesApi.list, () => ({ query: {} })),
  'devices.register': to(
    devicesApi.register,
    ({ unit, product: of }) => ({ body: { productId: of.id, ownerNodeId: unit.id, assetTag: `Ny ${fresh()}` } }),
    { 'body.productId': PRODUCTS },
  ),
  'devices.edit': to(devicesApi.edit, ({ spare, unit }) => ({
    params: { id: spare.id },
    body: { ownerNodeId: unit.id, serial: `S${fresh()}` },
  })),
  'devices.rotateSecret': to(devicesApi.rotateSecret, ({ spare }) => ({ params: { id: spare.id }, body: {} })),
  'counters.list': to(contracts.countersApi.list, ({ spare }) => ({ params: { id: spare.id } })),
  'counters.correct': to(contracts.countersApi.correct, ({ spare }) => ({
    params: { id: spare.id },
    body: { metric: 901, at: '2026-01-01T00:00:00Z', readingId: '1', decided: 'glitch' as const, reason: 'Fel avläst' },
  })),
  'usageCorrections.usages': to(contracts.usageCorrectionsApi.usages, ({ spare }) => ({
    params: { id: spare.id },
    query: {},
  })),
  'usageCorrections.list': to(contracts.usageCorrectionsApi.list, ({ spare }) => ({ params: { id: spare.id } })),
  'usageCorrections.preview': to(contracts.usageCorrectionsApi.preview, ({ spare }) => ({
    params: { id: spare.id },
    query: { from: justNow(), to: new Date().toISOString() },
  })),
  'usageCorrections.correct': to(contracts.usageCorrectionsApi.correct, ({ spare }) => ({
    params: { id: spare.id },
    body: {
      decided: 'set_aside' as const,
      reason: 'Provat av tekniker',
      period: { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, // its reading
    },
  })),
  'placements.list': to(placementsApi.list, () => ({ query: {} })),
  'placements.place': to(placementsApi.place, ({ spare, unit, trial }) => ({
    body: { deviceId: spare.id, nodeId: unit.id, trialId: trial.id, purpose: 'trial' as const },
  })),
  'placements.end': to(placementsApi.end, ({ placement }) => ({ params: { id: placement.id }, body: {} })),
  'rejects.list': to(contracts.rejectsApi.list, () => ({ query: {} })),
  'rejects.get': to(contracts.rejectsApi.get, ({ reject }) => ({ params: { id: reject.number } })),
  'rejects.counts': to(contracts.rejectsApi.counts, () => ({ query: {} })),
  'rejects.groups': to(contracts.rejectsApi.groups, () => ({ query: {} })),
  'rejects.replay': to(contracts.rejectsApi.replay, () => ({ body: { filter: {}, reason: 'Rättat' } })),
  'usageEntries.list': to(contracts.usageEntriesApi.list, ({ spare }) => ({ params: { id: spare.id }, query: {} })),
  'usageEntries.enter': to(contracts.usageEntriesApi.enter, ({ spare }) => ({
    params: { id: spare.id },
    body: { reason: 'Utan nät', entries: [{ key: `formular-${fresh()}`, metric: 'unlock', at: justNow() }] },
  })),
  'usageImports.list': to(contracts.usageImportsApi.list, () => ({ query: {} })),
  'usageImports.get': to(contracts.usageImportsApi.get, ({ file }) => ({ params: { id: file.id } })),
  'usageImports.upload': to(contracts.usageImportsApi.upload, ({ unit }) => ({
    query: { nodeId: unit.id, fileName: 'fil.csv', reason: 'På papper' },
    body: 'apparat;mått;tid',
    headers: { 'content-type': 'text/csv' },
  })),
  'usageImports.send': to(contracts.usageImportsApi.send, ({ file }) => ({ params: { id: file.id } })),
  'usageImports.faults': to(contracts.usageImportsApi.faults, ({ file }) => ({ params: { id: file.id } })),
  'gateways.list': to(gatewaysApi.list, () => ({ query: {} })),
  'gateways.get': to(gatewaysApi.get, ({ gateway }) => ({ params: { id: gateway.id } })),
  'gateways.register': to(gatewaysApi.register, ({ unit }) => ({
    body: { ownerNodeId: unit.id, name: `Brygga ny ${fresh()}`, ecosystem: 'homie' as const },
  })),
  'gateways.edit': to(gatewaysApi.edit, ({ gateway, unit }) => ({
    params: { id: gateway.id },
    body: { ownerNodeId: unit.id },
  })),
  'gateways.rotateSecret': to(gatewaysApi.rotateSecret, ({ gateway }) => ({ params: { id: gateway.id }, body: {} })),
  'gateways.close': to(gatewaysApi.close, ({ gateway }) => ({ params: { id: gateway.id } })),
  'gateways.addChild': to(gatewaysApi.addChild, ({ gateway, spare }) => ({
    params: { id: gateway.id },
    body: { externalName: `lås ${fresh()}`, deviceId: spare.id },
  })),
  'gateways.removeChild': to(gatewaysApi.removeChild, ({ gateway, gatewayChild }) => ({
    params: { id: gateway.id, childId: gatewayChild.id },
  })),
  'mappings.list': to(mappingsApi.list, ({ product: of }) => ({ params: { id: of.id } }), { 'params.id': PRODUCTS }),
  'mappings.edit': to(
    mappingsApi.edit,
    ({ product: of }) => ({ params: { id: of.id, ecosystem: 'homie' as const }, body: { rules: [], basedOn: 0 } }),
    { 'params.id': PRODUCTS },
  ),
  'mappings.preview': to(
    mappingsApi.preview,
    ({ product: of }) => ({ params: { id: of.id, ecosystem: 'homie' as const }, body: { rules: [] } }),
    { 'params.id': PRODUCTS },
  ),
  'live.units': to(liveApi.units, () => ({})),
  'live.unit': to(liveApi.unit, ({ unit }) => ({ params: { id: unit.id } })),
  'live.unitDays': to(liveApi.unitDays, ({ unit }) => ({ params: { id: unit.id } })),
  'live.trial': to(liveApi.trial, ({ trial }) => ({ params: { id: trial.id } })),
  'organisation.list': to(organisationApi.list, () => ({ query: {} })),
  'organisation.add': to(organisationApi.add, ({ unit }) => ({
    body: { parentId: unit.id, kind: 'place' as const, name: `Rum ${fresh()}`, validFrom: '2026-01-01' },
  })),
  'organisation.edit': to(organisationApi.edit, ({ child }) => ({
    params: { id: child.id },
    body: { name: `Namn ${fresh()}` },
  })),
  'products.list': to(productsApi.list, () => ({ query: {} })),
  'products.get': to(productsApi.get, ({ product: of }) => ({ params: { id: of.id } }), { 'params.id': PRODUCTS }),
  'products.register': to(productsApi.register, () => ({ body: product() })),
  'products.edit': to(productsApi.edit, ({ product: of }) => ({ params: { id: of.id }, body: product() }), {
    'params.id': PRODUCTS,
  }),
  'trials.list': to(trialsApi.list, () => ({ query: {} })),
  'trials.get': to(trialsApi.get, ({ trial }) => ({ params: { id: trial.id } })),
  'trials.similar': to(trialsApi.similar, () => ({ query: { family: 'keyless_lock' as const } })),
  'trials.register': to(
    trialsApi.register,
    (place) => ({
      body: { ...trialPlan(place), family: 'keyless_lock' as const, ownerNodeId: place.unit.id, benefits: [] },
    }),
    { 'body.productId': PRODUCTS, 'body.participatingNodeIds.0': PARTNERS },
  ),
  'trials.edit': to(
    trialsApi.edit,
    (place) => ({ params: { id: place.trial.id }, body: { ...trialPlan(place), revision: 1 } }),
    {
      'body.productId': PRODUCTS,
      'body.participatingNodeIds.0': PARTNERS,
    },
  ),
  'trials.move': to(trialsApi.move, ({ trial }) => ({
    params: { id: trial.id },
    body: { stage: 'judgement' as const },
  })),
  'trials.changeRule': to(trialsApi.changeRule, ({ trial, line }) => ({
    params: { id: trial.id, lineId: line.id },
    body: { rule: { ...RULE }, reason: 'Ny mätning' },
  })),
  'users.list': to(usersApi.list, () => ({ query: {} })),
  'users.invite': to(usersApi.invite, ({ unit }) => ({
    body: { email: `scope${fresh()}@example.se`, name: 'Ny', grant: { role: 'staff' as const, nodeId: unit.id } },
  })),
  'users.giveLink': to(usersApi.giveLink, ({ invited }) => ({ params: { id: invited.id } })),
  'users.grant': to(usersApi.grant, ({ person, unit }) => ({
    params: { id: person.id },
    body: { role: 'manager' as const, nodeId: unit.id },
  })),
  'users.endGrant': to(usersApi.endGrant, ({ person, grant }) => ({ params: { id: person.id, grantId: grant.id } })),
  'users.disable': to(usersApi.disable, ({ person }) => ({ params: { id: person.id } })),
  'users.enable': to(usersApi.enable, ({ person }) => ({ params: { id: person.id } })),
  'system.read': to(contracts.systemApi.read, () => ({})),
  'storage.read': to(contracts.storageApi.read, () => ({})),
  'audit.list': to(contracts.auditApi.list, () => ({ query: {} })),
};

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** The ids in a request, each with its path: `body.nodeId`. */
export function idsIn(value: unknown, path: string[] = []): { path: string; id: string }[] {
  if (typeof value === 'string') return UUID.test(value) ? [{ path: path.join('.'), id: value }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => idsIn(part, [...path, name]));
}

/** The request with the value at a path taken from another request. */
export function swapped(request: Parts, path: string, id: string): Parts {
  const copy = structuredClone(request) as Record<string, unknown>;
  const names = path.split('.');
  const holder = names.slice(0, -1).reduce((part, name) => part[name] as Record<string, unknown>, copy);
  holder[names.at(-1) ?? ''] = id;
  return copy;
}
