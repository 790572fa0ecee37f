import { randomUUID } from 'node:crypto';
import { type EnterUsage, type UsageMessage, upwardTopic } from '#contracts';
import { DeviceEntity, ProductEntity } from '#database';
import { FAMILIES, type Family, maySpeak } from '#domain';
import type { Rejection, TimeWindow } from '#telemetry';
import type { EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import { BadRequest } from '../../http/parse-request.js';
import { Refused } from '../../inventory/refused.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { enterInbox } from '../inbox.queries.js';
import { judgeUsages } from '../judge-usages.js';
import { addEntries } from './entries.queries.js';

type Entry = EnterUsage['entries'][number];

/** What is entered, for which device, and the times that are taken. */
export interface Entering {
  deviceId: string;
  body: EnterUsage;
  window: TimeWindow;
}

/** Stores usages that a person enters, with their reason, and puts them on the way that every usage takes. */
export async function enterUsage(
  tx: EntityManager,
  scope: Scope<'usage:enter'>,
  { deviceId, body, window }: Entering,
): Promise<void> {
  const device = await scoped(tx, DeviceEntity, scope).get(deviceId);
  if (!maySpeak(device.lifecycle)) throw new Refused('device_retired', 'The device is retired.');
  const { family } = await scoped(tx, ProductEntity, scope).get(device.productId);
  const topic = upwardTopic(device.publicId, 'usage');
  assertTaken(body.entries, { topic, family: FAMILIES[family], window });
  const added = await addNew(tx, scope, { device, body });
  if (added.length === 0) return;
  const clientName = scope.person.name.slice(0, 120);
  const messages = added.map(({ id, entry }) => ({
    deviceKey: device.key,
    clientName,
    topic,
    payload: payloadOf([entry]),
    usages: 1,
    entryId: id,
  }));
  await enterInbox(tx, { source: 'manual', personId: scope.person.id }, messages);
  await audit(tx, scope.person, {
    rootId: device.rootId,
    action: 'usage.enter',
    subjectKind: 'device',
    subjectId: device.id,
    reason: body.reason,
    changes: { entries: added.map(({ entry }) => entry) },
  });
}

/** Told at the fields of the form, before anything is stored. */
function assertTaken(
  entries: readonly Entry[],
  { topic, family, window }: { topic: string; family: Family; window: TimeWindow },
): void {
  const { rejections } = judgeUsages({ topic, family, window, payload: payloadOf(entries) });
  if (rejections.length > 0) throw new BadRequest(rejections.map(atField));
}

function atField({ element, reason, code }: Rejection): { path: string; message: string } {
  return { path: element === null ? 'body' : `body.entries.${element}.${FIELDS[code] ?? 'value'}`, message: reason };
}

const FIELDS: Partial<Record<Rejection['code'], string>> = {
  unknown_metric: 'metric',
  time_in_future: 'at',
  time_too_old: 'at',
  session_times: 'until',
};

async function addNew(
  tx: EntityManager,
  scope: Scope,
  { device, body }: { device: DeviceEntity; body: EnterUsage },
): Promise<{ id: string; entry: Entry }[]> {
  const given = body.entries.map((entry) => ({ id: randomUUID(), entry }));
  const { rootId, id: deviceId } = device;
  const enteredBy = scope.person.id;
  const rows = given.map(({ id, entry: { at, until, ...rest } }) => ({
    id,
    rootId,
    deviceId,
    ...rest,
    at: new Date(at),
    until: until === null ? null : new Date(until),
    reason: body.reason,
    enteredBy,
  }));
  const keys = await addEntries(tx, scope, rows);
  return given.filter(({ entry }) => keys.has(entry.key));
}

/** In the wire format, under an id that no device gives: the key makes every attempt the same usage (rule U1). */
function payloadOf(entries: readonly Entry[]): Buffer {
  const messages = entries.map(({ key, metric, at, until, value, attributes }): UsageMessage => ({
    id: `by-hand-${key}`,
    metric,
    at,
    ...(until === null ? {} : { until }),
    ...(value === null ? {} : { value }),
    attributes,
  }));
  return Buffer.from(JSON.stringify(messages));
}
