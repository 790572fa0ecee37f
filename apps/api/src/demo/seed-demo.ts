import type { TrialView } from '#contracts';
import type { OrgNodeEntity } from '#database';
import { addMonths, DEFAULT_TIME_ZONE, localDay } from '#domain';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { BenefitsService } from '../benefits/benefits.service.js';
import type { Config } from '../config.js';
import { isLoopback } from '../identity/demo-accounts.js';
import type { Person } from '../scope/scope.js';
import { CONFIG } from '../settings.js';
import { DEMO_PASSWORD, DEMO_PEOPLE } from './demo-people.js';
import { DEMO_TRIALS } from './demo-trials.js';
import { findDemoRoot, lockDemo } from './demo.queries.js';
import { keepDevicesFile } from './keep-devices-file.js';
import { known, type Nodes, plantNodes, plantPerson, scopeAt } from './plant-people.js';
import { plantDevice, plantProducts, plantTrial } from './plant-trials.js';

/**
 * With DEMO=on: makes the demo's municipality where there is none, sees to it that the simulator's devices file holds
 * valid secrets, and answers what the person at the terminal is told. Changes nothing at a further start.
 */
export async function seedDemo(app: INestApplicationContext): Promise<string[]> {
  const config = app.get<Config>(CONFIG);
  if (!config.demo) return [];
  const db = app.get(DataSource);
  const planted = await db.transaction(async (tx) => {
    await lockDemo(tx);
    return (await findDemoRoot(tx)) ? null : plantDemo(tx);
  });
  if (planted) await confirmLastMonth(app, planted);
  await keepDevicesFile(db, { dataDir: config.dataDir, planted: planted?.secrets ?? new Map() });
  return lines(config);
}

/** What is still needed once everything is committed: to confirm a benefit, and to write the simulator's file. */
interface Planted {
  nodes: Nodes;
  people: ReadonlyMap<string, Person>;
  locks: TrialView;
  secrets: ReadonlyMap<string, string>;
}

async function plantDemo(tx: EntityManager): Promise<Planted> {
  const nodes = await plantNodes(tx);
  const root = known(nodes, 'municipality');
  const people = new Map<string, Person>();
  for (const person of DEMO_PEOPLE.filter(({ on }) => nodes.has(on))) {
    people.set(person.email, await plantPerson(tx, root.id, { person, on: { nodeId: known(nodes, person.on).id } }));
  }
  const technician = known(people, 'tekniker@demo.example');
  const secrets = new Map<string, string>();
  const planting = { technician, nodes, secrets, products: await plantProducts(tx, { technician, nodes }) };
  const trials = new Map<string, TrialView>();
  for (const demo of DEMO_TRIALS) trials.set(demo.key, await plantTrial(tx, planting, demo));
  await plantDevice(tx, planting, { assetTag: 'LÅS-R1', product: 'lock', owner: 'homecare' });
  await plantTrialPeople(tx, root, trials);
  return { nodes, people, secrets, locks: known(trials, 'locks') };
}

async function plantTrialPeople(
  tx: EntityManager,
  root: OrgNodeEntity,
  trials: ReadonlyMap<string, TrialView>,
): Promise<void> {
  for (const person of DEMO_PEOPLE.filter(({ on }) => trials.has(on))) {
    await plantPerson(tx, root.id, { person, on: { trialId: known(trials, person.on).id } });
  }
}

const CONFIRMED_ORE = 60_000;

/** The unit's manager confirms what last month's driving really gave: a line without a rule takes what is confirmed (rule B3). */
async function confirmLastMonth(app: INestApplicationContext, { nodes, people, locks }: Planted): Promise<void> {
  const line = locks.benefits.find(({ rule }) => rule === null);
  if (!line) return;
  const unit = known(nodes, 'centrum');
  const scope = scopeAt('benefit:confirm', {
    person: known(people, 'enhetschef@demo.example'),
    role: 'manager',
    nodeId: unit.id,
  });
  const month = addMonths(localDay(Date.now(), DEFAULT_TIME_ZONE), -1).slice(0, 7);
  const actionTaken = 'Körjournalen visar färre nyckelresor; milersättningen blev lägre.';
  const body = { nodeId: unit.id, month, confirmedOre: CONFIRMED_ORE, actionTaken };
  await app
    .get(BenefitsService, { strict: false })
    .confirm(scope, { params: { id: locks.id, lineId: line.id }, query: undefined, body });
}

function lines(config: Config): string[] {
  if (!isLoopback(config.bind)) {
    return [`Demo: its log-ins are refused, since other machines can reach this server (BIND=${config.bind}).`];
  }
  const people = DEMO_PEOPLE.map(({ email, role }) => `  ${email.padEnd(36)}${role}`);
  return [`Demo: Exempelby kommun. Log in at ${config.publicUrl} with the password ${DEMO_PASSWORD} as`, ...people];
}
