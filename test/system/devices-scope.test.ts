import { devicesApi } from '#contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiClient, startApi, type TestApi } from '../support/api.js';
import { device, grant, node, placement, trial, user } from '../support/builders.js';
import { minutesAgo, place, signal } from '../support/devices.js';

let api: TestApi;

beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('who once had a device is not told where it stands now', async () => {
  const { unit, otherUnit, as } = await place(api);
  const moved = await device(api, otherUnit);
  await placement(api, { device: moved, node: unit }, { endsAt: minutesAgo(60) });
  await placement(api, { device: moved, node: otherUnit }, { startsAt: minutesAgo(60) });
  expect(await as.call(devicesApi.get, { params: { id: moved.id } })).toMatchObject({ id: moved.id, placement: null });
});

test('rule U8: how a device is now is for its owner and where it stands, not for where it stood or will stand', async () => {
  const { root, unit, otherUnit, as: before } = await place(api);
  const [owner, next] = [await node(api, root), await node(api, root)];
  const moved = await device(api, owner);
  const tomorrow = minutesAgo(-24 * 60);
  await placement(api, { device: moved, node: unit }, { endsAt: minutesAgo(60) });
  await placement(api, { device: moved, node: otherUnit }, { startsAt: minutesAgo(60), endsAt: tomorrow });
  await placement(api, { device: moved, node: next }, { startsAt: tomorrow });
  await signal(api, moved.key, minutesAgo(10));
  const signalsFor = async (as: ApiClient) => {
    const { rows } = await as.call(devicesApi.list, { query: {} });
    return [...rows, await as.call(devicesApi.get, { params: { id: moved.id } })].map((view) => view.signal);
  };
  const technicianAt = async (at: typeof unit) => api.as(await user(api, { role: 'technician', node: at }));
  const shown = expect.objectContaining({ connected: true, reporting: 'reporting', battery: 81 }) as unknown;
  expect(await signalsFor(before)).toEqual([null, null]);
  expect(await signalsFor(await technicianAt(next))).toEqual([null, null]);
  expect(await signalsFor(await technicianAt(otherUnit))).toEqual([shown, shown]);
  expect(await signalsFor(await technicianAt(owner))).toEqual([shown, shown]);
});

test('rule U8: a project lead is told how a device is for as long as it stands in the trial', async () => {
  const { unit } = await place(api);
  const tried = await trial(api, unit);
  const [inside, left] = [await device(api, unit), await device(api, unit)];
  await placement(api, { device: inside, node: unit }, { trial: tried });
  await placement(api, { device: left, node: unit }, { trial: tried, endsAt: minutesAgo(60) });
  await signal(api, inside.key, minutesAgo(10));
  await signal(api, left.key, minutesAgo(10));
  const lead = api.as(await user(api, { role: 'project_lead', trial: tried }));
  const { rows } = await lead.call(devicesApi.list, { query: {} });
  expect(new Map(rows.map(({ id, signal: heard }) => [id, heard?.battery ?? null]))).toEqual(
    new Map([
      [inside.id, 81],
      [left.id, null],
    ]),
  );
});

test('a device out of scope does not exist; one placed here but owned elsewhere can be read, not changed', async () => {
  const { unit, otherUnit, as } = await place(api);
  const [away, guest] = [await device(api, otherUnit), await device(api, otherUnit)];
  await placement(api, { device: guest, node: unit });
  const statuses = async (id: string) => [
    (await as.raw(devicesApi.get, { params: { id } })).status,
    (await as.raw(devicesApi.edit, { params: { id }, body: { assetTag: 'mine' } })).status,
    (await as.raw(devicesApi.rotateSecret, { params: { id }, body: {} })).status,
  ];
  expect(await statuses(away.id)).toEqual([404, 404, 404]);
  expect(await statuses(guest.id)).toEqual([200, 404, 404]);
});

test('rule U8: what its reader may do to a device is told by their roles at its owner, not by any role anywhere', async () => {
  const { unit, otherUnit } = await place(api);
  const [own, guest] = [await device(api, unit), await device(api, otherUnit)];
  const tried = await trial(api, unit);
  for (const placed of [own, guest]) await placement(api, { device: placed, node: unit }, { trial: tried });
  const mayEdit = async (person: { token: string }) => {
    const read = async (id: string) => (await api.as(person).call(devicesApi.get, { params: { id } })).mayEdit;
    return [await read(own.id), await read(guest.id)];
  };
  expect(await mayEdit(await user(api, { role: 'technician', node: unit }))).toEqual([true, false]);
  expect(await mayEdit(await user(api, { role: 'manager', node: unit }))).toEqual([false, false]);
  expect(await mayEdit(await user(api, { role: 'project_lead', trial: tried }))).toEqual([false, false]);
  const auditor = await user(api, { role: 'auditor', node: unit });
  await grant(api, { userId: auditor.id, role: 'technician', node: otherUnit });
  expect(await mayEdit(auditor)).toEqual([false, true]);
});

test('a project lead sees the devices of their trial alone', async () => {
  const { unit } = await place(api);
  const tried = await trial(api, unit);
  const [inside, outside] = [await device(api, unit), await device(api, unit)];
  await placement(api, { device: inside, node: unit }, { trial: tried });
  await placement(api, { device: outside, node: unit });
  const lead = api.as(await user(api, { role: 'project_lead', trial: tried }));
  expect((await lead.call(devicesApi.list, { query: {} })).rows.map(({ id }) => id)).toEqual([inside.id]);
});
