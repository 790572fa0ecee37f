import type { LiveDelta, LiveDeviceView, LiveUnitView } from '#contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDeltas } from './apply-deltas.js';

const ID = '00000000-0000-4000-8000-000000000001';
const page = { kind: 'unit', id: ID } as const;
const at = '2026-11-22T10:00:00Z';

const device = (placementId: string, count: number): LiveDeviceView => ({
  placementId,
  deviceId: ID,
  assetTag: placementId,
  productName: 'Lock',
  family: 'keyless_lock',
  nodeName: 'Granlo',
  purpose: 'trial',
  signal: {
    connected: true,
    connection: 'connected',
    reporting: 'reporting',
    lastSignalAt: at,
    lastReceivedAt: at,
    power: 'battery',
    battery: null,
    batteryAt: null,
    batteryLevel: null,
    isBatteryOld: false,
    firmware: null,
    clockSkewMs: null,
    clockSkewAt: null,
    repeatsNotDetectable: false,
    idsRepeat: false,
  },
  today: [{ family: 'keyless_lock', metric: 'unlock', count, sum: count, manual: 0 }],
});

const snapshot: LiveUnitView = {
  revision: 4,
  asOf: at,
  day: '2026-11-22',
  timeZone: 'Europe/Stockholm',
  totals: [],
  hours: [],
  devices: [device('a', 1), device('b', 1)],
  coverage: { expected: 2, reporting: 2, expectedHours: 4, gapHours: 0 },
  unit: { id: ID, name: 'Granlo', kind: 'unit', demo: false },
  benefits: [],
};

const delta = (revision: number, parts: Partial<LiveDelta> = {}): LiveDelta => ({
  page,
  revision,
  asOf: at,
  day: '2026-11-22',
  ...parts,
});

describe('applying deltas to a live page', () => {
  it('changes what is named of a device, and keeps its other fields and the other devices', () => {
    const today = [{ family: 'keyless_lock' as const, metric: 'unlock', count: 9, sum: 9, manual: 0 }];
    const changes = [
      { placementId: 'a', today },
      { placementId: 'b', signal: { battery: 7 } },
      { placementId: 'gone', today },
    ];
    const { view } = applyDeltas(snapshot, [delta(5, { changes })]);
    const [a, b] = snapshot.devices;
    expect(view.devices).toEqual([
      { ...a, today },
      { ...b, signal: { ...b?.signal, battery: 7 } },
    ]);
  });

  it('replaces devices by placement, drops the removed and keeps the others', () => {
    const { view } = applyDeltas(snapshot, [
      delta(5, { devices: [device('b', 9), device('c', 1)], removedPlacementIds: ['a'] }),
    ]);
    expect(view.devices.map(({ placementId, today }) => [placementId, today[0]?.count])).toEqual([
      ['b', 9],
      ['c', 1],
    ]);
  });

  it('leaves what a delta does not name', () => {
    const { view } = applyDeltas(snapshot, [
      delta(5, { totals: [{ family: 'keyless_lock', metric: 'unlock', count: 3, sum: 3, manual: 0 }] }),
    ]);
    expect(view).toEqual({
      ...snapshot,
      revision: 5,
      totals: [{ family: 'keyless_lock', metric: 'unlock', count: 3, sum: 3, manual: 0 }],
    });
  });

  it('ignores what the snapshot already holds', () => {
    expect(applyDeltas(snapshot, [delta(3), delta(4)])).toEqual({ view: snapshot, missed: [] });
  });

  it('stops at a gap and keeps what lies beyond it', () => {
    const { view, missed } = applyDeltas(snapshot, [delta(7), delta(5)]);
    expect([view.revision, missed.map(({ revision }) => revision)]).toEqual([5, [7]]);
  });

  it('gives the same page whatever order and however often deltas come', () => {
    const deltas = [5, 6, 7, 8].map((revision) => delta(revision, { devices: [device('a', revision)] }));
    const once = applyDeltas(snapshot, deltas).view;
    fc.assert(
      fc.property(fc.shuffledSubarray([...deltas, ...deltas], { minLength: 8 }), (shuffled) => {
        expect(applyDeltas(snapshot, shuffled).view).toEqual(once);
      }),
    );
  });
});
