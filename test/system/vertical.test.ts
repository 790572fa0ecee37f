import { devicesApi, liveApi, organisationApi, placementsApi, productsApi, trialsApi, upwardTopic } from '#contracts';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { municipality, node, user } from '../support/builders.js';
import { connectLive, signalTold, trialPage, unitPage } from '../support/live-socket.js';
import { connect, publish } from '../support/mqtt.js';

/** From a device's message to the krona on a manager's page: every part is the real one. */

let api: TestApi;
let ingest: Ingest;

beforeAll(async () => {
  api = await startApi();
  ingest = await Ingest.start({
    databaseUrl: api.databaseUrl,
    bind: '127.0.0.1',
    mqttPort: 0,
    log: pino({ level: 'silent' }),
  });
});
afterAll(async () => {
  await ingest.stop();
  await api.close();
});

const DAY_MS = 86_400_000;
const daysAgo = (days: number): Date => new Date(Date.now() - days * DAY_MS);
const date = (at: Date): string => at.toISOString().slice(0, 10);

/** Registers everything as a technician does, through the routes alone, and starts the trial a week ago. */
async function runningTrial(technician: ApiClient, unitId: string) {
  const product = await technician.call(productsApi.register, {
    body: { family: 'keyless_lock', supplier: 'Låsbolaget i Exempelby', model: 'Porten 3' },
  });
  const { device, credentials } = await technician.call(devicesApi.register, {
    body: { productId: product.id, ownerNodeId: unitId, assetTag: 'LÅS-1' },
  });
  const trial = await technician.call(trialsApi.register, {
    body: {
      title: 'Nyckelfria lås',
      ideaAt: daysAgo(10).toISOString(),
      need: 'Nycklar hämtas i onödan',
      family: 'keyless_lock',
      productId: product.id,
      ownerNodeId: unitId,
      participatingNodeIds: [],
      initiativeType: 'project',
      plannedStartsOn: date(daysAgo(10)),
      plannedEndsOn: date(daysAgo(-60)),
      investmentOn: date(daysAgo(10)),
      horizonYears: 4,
      discountRate: 0.03,
      caseReference: '',
      goals: [],
      costs: [
        {
          name: 'Lås',
          kind: 'monthly',
          category: 'financial',
          amountOre: 50_000,
          startsOn: date(daysAgo(10)),
          endsOn: null,
        },
      ],
      benefits: [
        {
          name: 'Färre nyckelresor',
          category: 'redistribution',
          stakeholder: 'staff',
          certainty: 'yellow',
          taskKind: 'task_removed',
          plannedMonthOre: 300_000,
          startsOn: date(daysAgo(10)),
          endsOn: null,
          realisationAction: 'Fler besök',
          rule: {
            metric: 'unlock',
            filter: { result: ['success'], actor_role: ['staff'] },
            deduplicateMinutes: 5,
            counterfactualShare: 0.3,
            minutesPerUnit: 2,
            addedWorkMinutesPerUnit: 0,
            failureFilter: { result: ['failure'], actor_role: ['staff'] },
            failureMinutes: 10,
            hourlyCostOre: 33_620,
            evidence: 'E',
            source: 'antagande',
          },
        },
      ],
    },
  });
  for (const [stage, days] of [
    ['preparation', 9],
    ['approved', 8],
    ['running', 7],
  ] as const) {
    await technician.call(trialsApi.move, {
      params: { id: trial.id },
      body: { stage, at: daysAgo(days).toISOString() },
    });
  }
  await technician.call(placementsApi.place, {
    body: {
      deviceId: device.id,
      nodeId: unitId,
      trialId: trial.id,
      purpose: 'trial',
      startsAt: daysAgo(8).toISOString(),
    },
  });
  return { device, credentials, trial };
}

/** Within this the figure must have moved; the product's own promise is 2 s (architecture: life of a message). */
const SOON = { timeout: 10_000, interval: 50 };

test('a message over MQTT becomes hours and öre on the page that the manager watches, and a repeat changes nothing', async () => {
  const root = await municipality(api);
  const unit = await node(api, root);
  const [technician, manager] = [
    await user(api, { role: 'technician', node: root }),
    await user(api, { role: 'manager', node: unit }),
  ];
  const { credentials, trial, device } = await runningTrial(api.as(technician), unit.id);
  const { deltas, watch } = await connectLive(api, manager);
  expect(await watch(trialPage(trial.id))).toMatchObject({ ok: true });
  const mqtt = await connect({ port: ingest.port, publicId: credentials.username, secret: credentials.secret });
  try {
    const at = (minute: number): string => new Date(daysAgo(1).getTime() + minute * 60_000).toISOString();
    const opening = (id: string, minute: number, result = 'success') => ({
      id,
      metric: 'unlock',
      at: at(minute),
      attributes: { result, actor_role: 'staff' },
    });
    // 0 and 20 qualify, 3 is within five minutes of 0 (rule B5), 40 failed.
    const usages = [opening('a', 0), opening('b', 3), opening('c', 20), opening('d', 40, 'failure')];
    await publish(mqtt, upwardTopic(device.publicId, 'usage'), usages);
    await publish(mqtt, upwardTopic(device.publicId, 'usage'), usages);
    await vi.waitFor(() => {
      const benefit = deltas.findLast((delta) => delta.benefit)?.benefit;
      expect(benefit?.lines[0]?.calculation).toMatchObject({ events: 4, qualifying: 2, failures: 1 });
    }, SOON);
    const page = await api.as(manager).call(liveApi.trial, { params: { id: trial.id } });
    // 2 × 0.3 × 2 min = 0.02 h; − 10 min = −0.1467 h × 336.20 kr: a negative potential is shown (rule B3).
    expect(page.benefit.lines[0]).toMatchObject({ potentialOre: -4931, realisedOre: 0 });
    expect(page.devices[0]?.signal).toMatchObject({ connected: true, reporting: 'silent' }); // a day old, whatever the line says
    await publish(mqtt, upwardTopic(device.publicId, 'health'), { battery: 87 });
    await vi.waitFor(() => {
      expect(signalTold(deltas)).toMatchObject({ reporting: 'reporting', battery: 87 });
    }, SOON);
  } finally {
    await mqtt.endAsync(true);
  }
});

test('another municipality’s manager can neither see the unit nor watch it', async () => {
  const [root, foreign] = [await municipality(api), await municipality(api)];
  const unit = await node(api, root);
  const stranger = await user(api, { role: 'manager', node: foreign });
  expect((await api.as(stranger).raw(liveApi.unit, { params: { id: unit.id } })).status).toBe(404);
  const nodes = await api.as(stranger).call(organisationApi.list, { query: {} });
  expect(nodes.map(({ id }) => id)).toEqual([foreign.id]);
  const { watch } = await connectLive(api, stranger);
  expect(await watch(unitPage(unit.id))).toEqual({ ok: false, code: 'not_found' });
});
