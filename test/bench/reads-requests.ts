import { benefitsApi, devicesApi, type Endpoint, identityApi, liveApi, trialsApi } from '#contracts';
import { TRIAL_STAGES } from '#domain';
import type pg from 'pg';
import { LARGE_TRIAL, type Who } from './reads-world.js';

/** One kind of request; `next` gives the address of another one each time. */
export interface Kind {
  name: string;
  who: Who;
  /** p95 wanted in ms (target S11). */
  wantedMs?: number;
  next: () => string;
  /** Whether its answer lists what was asked for: a wrong or empty one is no answer. */
  isRight: (body: unknown) => boolean;
}

/** What the requests ask for. */
interface Known {
  units: string[];
  /** Units in which the large trial measures. */
  largeUnits: string[];
  managersUnit: string;
  trials: string[];
  runningTrials: string[];
  largeTrial: string;
  devices: { id: string; assetTag: string; serial: string }[];
  products: string[];
  inUse: number;
}

async function readKnown(client: pg.Client): Promise<Known> {
  const ids = async (sql: string, values: unknown[] = []): Promise<string[]> =>
    (await client.query<{ id: string }>(sql, values)).rows.map(({ id }) => id);
  const own = `root_id = (select id from org_node where name = 'Storby')`;
  const devices = await client.query<Known['devices'][number]>(
    `select id, asset_tag as "assetTag", serial from device where ${own} order by md5(asset_tag) limit 2000`,
  );
  const [large] = await ids('select id from trial where code = $1', [LARGE_TRIAL.code]);
  const [managersUnit] = await ids(`select id from org_node where ${own} and name = 'Enhet 0004'`);
  const count = await client.query<{ count: number }>(
    `select count(*)::int from device where ${own} and lifecycle = 'in_use'`,
  );
  return {
    units: await ids(`select id from org_node where ${own} and kind = 'unit'`),
    largeUnits: await ids(
      `select distinct case when n.kind = 'place' then n.parent_id else n.id end as id
       from placement p join org_node n on n.id = p.node_id where p.trial_id = $1`,
      [large],
    ),
    managersUnit: managersUnit ?? '',
    trials: await ids('select id from trial'),
    runningTrials: await ids(`select id from trial where stage = 'running'`),
    largeTrial: large ?? '',
    devices: devices.rows,
    products: await ids(`select id from product where ${own} order by model`),
    inUse: count.rows[0]?.count ?? 0,
  };
}

const isAnObject = (body: unknown): boolean => typeof body === 'object' && body !== null;
const hasRows = (body: unknown): boolean => (body as { rows: unknown[] }).rows.length > 0;
const hasNone = (body: unknown): boolean => (body as { total: number }).total === 0;
const hasDevices = (body: unknown): boolean => (body as { devices: unknown[] }).devices.length > 0;

const DEVICE_LIST_MS = 50;
const DASHBOARD_MS = 30;
const BENEFIT_MS = 150;
const PORTFOLIO_MS = 300;
const DASHBOARD_OF_ALL = 'all units with devices';

/** Every request that is measured; the first one is what the others are compared with. */
export async function kindsOfRequest(client: pg.Client): Promise<Kind[]> {
  const known = await readKnown(client);
  return [
    { name: 'who am I', who: 'technician', next: () => address(identityApi.session), isRight: isAnObject },
    ...dashboards(known),
    ...benefits(known),
    ...portfolios(known),
    ...deviceLists(known),
  ];
}

function dashboards(known: Known): Kind[] {
  const unit = (id: string): string => address(liveApi.unit, { params: { id } });
  const dashboard = { who: 'technician', wantedMs: DASHBOARD_MS, isRight: hasDevices } as const;
  return [
    { ...dashboard, name: 'unit dashboard', next: () => unit(one(known.units)) },
    { ...dashboard, name: 'unit dashboard, in the large trial', next: () => unit(one(known.largeUnits)) },
    { ...dashboard, name: 'unit dashboard', who: 'manager', next: () => unit(known.managersUnit) },
    {
      name: 'unit’s last 14 days',
      who: 'technician',
      next: () => address(liveApi.unitDays, { params: { id: one(known.units) } }),
      isRight: isAnObject,
    },
    { name: DASHBOARD_OF_ALL, who: 'technician', next: () => address(liveApi.units), isRight: isAnObject },
    { name: DASHBOARD_OF_ALL, who: 'manager', next: () => address(liveApi.units), isRight: isAnObject },
  ];
}

function benefits(known: Known): Kind[] {
  const benefit = (id: string): string => address(benefitsApi.trial, { params: { id } });
  const large = { name: 'benefit of the large trial', wantedMs: BENEFIT_MS, isRight: hasEvents } as const;
  return [
    { ...large, who: 'technician', next: () => benefit(known.largeTrial) },
    { ...large, who: 'lead', next: () => benefit(known.largeTrial) },
    { ...large, name: 'benefit of a running trial', who: 'auditor', next: () => benefit(one(known.runningTrials)) },
    {
      name: 'live page of the large trial',
      who: 'technician',
      next: () => address(liveApi.trial, { params: { id: known.largeTrial } }),
      isRight: hasDevices,
    },
    {
      name: 'a trial’s plan',
      who: 'technician',
      next: () => address(trialsApi.get, { params: { id: one(known.trials) } }),
      isRight: isAnObject,
    },
  ];
}

const hasEvents = (body: unknown): boolean =>
  (body as { lines: { calculation: { events: number } | null }[] }).lines.some(
    ({ calculation }) => (calculation?.events ?? 0) > 0,
  );

function portfolios(known: Known): Kind[] {
  const list = (query: object): string => address(trialsApi.list, { query: { limit: 1000, ...query } });
  const kind = { wantedMs: PORTFOLIO_MS, isRight: hasRows } as const;
  const all = known.trials.length;
  return [
    { ...kind, name: `portfolio, all ${all} trials`, who: 'technician', next: () => list({}), isRight: hasTotal(all) },
    { ...kind, name: `portfolio, all ${all} trials`, who: 'auditor', next: () => list({}), isRight: hasTotal(all) },
    { ...kind, name: 'portfolio of a department', who: 'department', next: () => list({}) },
    { ...kind, name: 'portfolio of a unit', who: 'manager', next: () => list({}) },
    {
      ...kind,
      name: 'portfolio by stage',
      who: 'technician',
      next: () => list({ stage: one(TRIAL_STAGES.slice(0, 9)) }),
      isRight: isAnObject,
    },
    {
      ...kind,
      name: 'portfolio by a search',
      who: 'technician',
      next: () => list({ search: `enhet ${whole(900)}` }),
      isRight: isAnObject,
    },
    {
      ...kind,
      name: 'portfolio, a deep page of 100',
      who: 'auditor',
      next: () => list({ limit: 100, offset: Math.max(0, all - 100) }),
    },
  ];
}

const hasTotal =
  (total: number) =>
  (body: unknown): boolean =>
    (body as { total: number }).total === total;

function deviceLists(known: Known): Kind[] {
  const list = (query: object): string => address(devicesApi.list, { query: { limit: 100, ...query } });
  const kind = { who: 'technician', wantedMs: DEVICE_LIST_MS, isRight: hasRows } as const;
  const anywhere = (): number => whole(Math.max(1, known.inUse - 100));
  const device = () => one(known.devices);
  return [
    { ...kind, name: 'devices, first page', next: () => list({}) },
    { ...kind, name: 'devices, first page', who: 'auditor', next: () => list({}) },
    { ...kind, name: 'devices, first page', who: 'department', next: () => list({}) },
    { ...kind, name: 'devices, first page', who: 'manager', next: () => list({}) },
    { ...kind, name: 'devices, first page', who: 'lead', next: () => list({}) },
    { ...kind, name: 'devices, any page', next: () => list({ offset: anywhere() }) },
    { ...kind, name: 'devices, last page', next: () => list({ offset: known.inUse - 50 }) },
    { ...kind, name: 'devices by asset tag', next: () => list({ search: device().assetTag }) },
    {
      ...kind,
      name: 'devices by asset tag',
      who: 'manager',
      next: () => list({ search: device().assetTag }),
      isRight: isAnObject,
    },
    { ...kind, name: 'devices by part of a serial', next: () => list({ search: device().serial.slice(2, 7) }) },
    { ...kind, name: 'devices by two letters', next: () => list({ search: device().assetTag.slice(0, 2) }) },
    {
      ...kind,
      name: 'devices by supplier',
      next: () => list({ search: one(['nordlås', 'åkerberg', 'trygg', 'östgöta vård']) }),
    },
    {
      ...kind,
      name: 'devices by supplier and tag',
      next: () => list({ search: `åkerberg ${device().assetTag.slice(3, 7)}` }),
      isRight: isAnObject,
    },
    { ...kind, name: 'devices by words that none has', next: () => list({ search: 'finnsinte' }), isRight: hasNone },
    { ...kind, name: 'devices in use, any page', next: () => list({ lifecycle: 'in_use', offset: anywhere() }) },
    { ...kind, name: 'devices that are lost', next: () => list({ lifecycle: 'lost' }) },
    { ...kind, name: 'devices of a product', next: () => list({ productId: one(known.products) }) },
    {
      ...kind,
      name: 'devices of a product, lost, by a letter',
      next: () => list({ productId: one(known.products), lifecycle: 'lost', search: 'a' }),
      isRight: isAnObject,
    },
    { ...kind, name: 'devices, 1,000 as the web asks', next: () => list({ limit: 1000 }) },
    { ...kind, name: 'devices, 1,000 as the web asks', who: 'department', next: () => list({ limit: 1000 }) },
    {
      name: 'a device',
      who: 'technician',
      next: () => address(devicesApi.get, { params: { id: device().id } }),
      isRight: isAnObject,
    },
  ];
}

const whole = (below: number): number => Math.floor(Math.random() * below);
const one = <T>(of: readonly T[]): T => of[whole(of.length)]!;

function address(
  { path }: Endpoint,
  { params = {}, query = {} }: { params?: Record<string, string>; query?: object } = {},
): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? '');
  const given = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given).toString()}`;
}
