import { type ProductView, RegisterDevice, type TrialView } from '#contracts';
import { addDays, DEFAULT_TIME_ZONE, dayBounds, localDay } from '#domain';
import type { EntityManager } from 'typeorm';
import { registerDevice } from '../inventory/devices/register-device.js';
import { placeDevice } from '../inventory/placements/place-device.js';
import { registerProduct } from '../inventory/products/products.service.js';
import type { Person, Scope } from '../scope/scope.js';
import { moveStage } from '../trials/change/move-stage.js';
import { registerTrial } from '../trials/change/register-trial.js';
import { DEMO_NODES } from './demo-nodes.js';
import { DEMO_PRODUCTS } from './demo-products.js';
import type { DemoTrial } from './demo-trial.js';
import { known, type Nodes, scopeAt } from './plant-people.js';

/** What the demo is planted by: its technician, in the transaction that plants all of it. */
export interface Planting {
  technician: Person;
  nodes: Nodes;
  products: ReadonlyMap<string, ProductView>;
  /** Public id → secret of each device planted: known now and never again. */
  secrets: Map<string, string>;
}

const MORNING_MS = 8 * 3_600_000;

/** Eight in the morning, so many days ago. */
function morning(daysAgo: number): Date {
  const day = addDays(localDay(Date.now(), DEFAULT_TIME_ZONE), -daysAgo);
  return new Date(dayBounds(day, DEFAULT_TIME_ZONE).from + MORNING_MS);
}

const technicianScope = <P extends 'product:edit' | 'device:edit' | 'trial:edit' | 'trial:move'>(
  permission: P,
  { technician, nodes }: Pick<Planting, 'technician' | 'nodes'>,
): Scope<P> => scopeAt(permission, { person: technician, role: 'technician', nodeId: known(nodes, 'department').id });

/** Registers the demo's products, by their keys. */
export async function plantProducts(
  tx: EntityManager,
  planting: Pick<Planting, 'technician' | 'nodes'>,
): Promise<Map<string, ProductView>> {
  const products = new Map<string, ProductView>();
  for (const [key, body] of Object.entries(DEMO_PRODUCTS)) {
    products.set(key, await registerProduct(tx, technicianScope('product:edit', planting), body));
  }
  return products;
}

/** Registers a trial, takes it through its stages on the days of the plan, and places its devices on the day it began to run. */
export async function plantTrial(tx: EntityManager, planting: Planting, demo: DemoTrial): Promise<TrialView> {
  const trial = await register(tx, planting, demo);
  for (const { stage, daysAgo } of demo.stages.slice(1)) {
    const move = { id: trial.id, stage, at: morning(daysAgo).toISOString(), reason: '' };
    await moveStage(tx, technicianScope('trial:move', planting), move);
  }
  await plantDevices(tx, planting, { demo, trialId: trial.id });
  return trial;
}

async function register(tx: EntityManager, planting: Planting, demo: DemoTrial): Promise<TrialView> {
  const { nodes, products } = planting;
  const { id: productId, family } = known(products, demo.product);
  const began = localDay(startOf(demo).getTime(), DEFAULT_TIME_ZONE);
  const where = {
    ownerNodeId: known(nodes, demo.owner).id,
    participatingNodeIds: demo.participating.map((key) => known(nodes, key).id),
  };
  const plan = { ...demo.plan(began), ...where, family, productId };
  const at = morning(Math.max(...demo.stages.map(({ daysAgo }) => daysAgo)));
  return registerTrial(tx, technicianScope('trial:edit', planting), { plan, at });
}

/** When the trial's devices were placed: the day it reached its latest stage. */
const startOf = ({ stages }: DemoTrial): Date => morning(Math.min(...stages.map(({ daysAgo }) => daysAgo)));

async function plantDevices(
  tx: EntityManager,
  planting: Planting,
  { demo, trialId }: { demo: DemoTrial; trialId: string },
): Promise<void> {
  const scope = technicianScope('device:edit', planting);
  const places = DEMO_NODES.filter(
    ({ kind, key }) => kind === 'place' && demo.places.includes(key.slice(0, key.indexOf('-'))),
  );
  for (const { key, under } of places) {
    const placing = { assetTag: `${demo.tags}-${key}`, product: demo.product, owner: under ?? 'department' };
    const deviceId = await plantDevice(tx, planting, placing);
    const terms = { purpose: 'trial', arm: null, endsAt: null, replaces: null } as const;
    const startsAt = startOf(demo).toISOString();
    await placeDevice(tx, scope, { ...terms, deviceId, trialId, startsAt, nodeId: known(planting.nodes, key).id });
  }
}

/** Registers one simulated device in stock: nothing but the demo can (rule U9). */
export async function plantDevice(
  tx: EntityManager,
  planting: Planting,
  { assetTag, product, owner }: { assetTag: string; product: string; owner: string },
): Promise<string> {
  const ids = { productId: known(planting.products, product).id, ownerNodeId: known(planting.nodes, owner).id };
  const body = RegisterDevice.parse({ ...ids, assetTag, serial: `EX-${assetTag}` });
  const scope = technicianScope('device:edit', planting);
  const { device, credentials } = await registerDevice(tx, scope, { body, simulated: true });
  planting.secrets.set(credentials.username, credentials.secret);
  return device.id;
}
