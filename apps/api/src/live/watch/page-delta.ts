import type { LiveDelta, LiveDeviceChange, LiveDeviceView, LivePage, SignalView } from '#contracts';
import type { PageContent } from '../read-page.js';

const isSame = (one: unknown, other: unknown): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

/** The parts that replace the old ones as a whole. */
const PARTS = ['totals', 'hours', 'coverage', 'benefits', 'benefit'] as const;

/** What changed between two readings of a page, without its revision; null when only the time of reading did. */
export function deltaBetween(
  page: LivePage,
  before: PageContent,
  after: PageContent,
): Omit<LiveDelta, 'revision'> | null {
  const parts = changedParts(before, after);
  const known = new Map(before.devices.map((device) => [device.placementId, device]));
  const devices = after.devices.filter((device) => !isShownAs(known.get(device.placementId), device));
  const changes = after.devices.flatMap((device) => {
    const old = known.get(device.placementId);
    return old && isShownAs(old, device) ? (changeOf(old, device) ?? []) : [];
  });
  const still = new Set(after.devices.map(({ placementId }) => placementId));
  const removedPlacementIds = [...known.keys()].filter((id) => !still.has(id));
  const changed = Object.keys(parts).length + devices.length + changes.length + removedPlacementIds.length;
  if (changed === 0 && before.day === after.day) return null;
  return {
    ...unchanged(page, after),
    ...parts,
    ...(devices.length > 0 && { devices }),
    ...(changes.length > 0 && { changes }),
    ...(removedPlacementIds.length > 0 && { removedPlacementIds }),
  };
}

/** Says only that the page was read anew and is still as it was. */
export const unchanged = (page: LivePage, { asOf, day }: PageContent): Omit<LiveDelta, 'revision'> => ({
  page,
  asOf,
  day,
});

/** Whether a device is the one known, at the same place, of the same name: only its use and signal may differ. */
const isShownAs = (known: LiveDeviceView | undefined, device: LiveDeviceView): boolean =>
  known !== undefined && SHOWN_AS.every((field) => known[field] === device[field]);

const SHOWN_AS = ['deviceId', 'assetTag', 'productName', 'family', 'nodeName', 'purpose'] as const;

function changeOf(old: LiveDeviceView, device: LiveDeviceView): LiveDeviceChange | null {
  const signal = changedFields(old.signal, device.signal);
  const isUsed = !isSame(old.today, device.today);
  if (!isUsed && !signal) return null;
  return { placementId: device.placementId, ...(isUsed && { today: device.today }), ...(signal && { signal }) };
}

function changedFields(old: SignalView, fresh: SignalView): Partial<SignalView> | null {
  const fields = (Object.keys(fresh) as (keyof SignalView)[]).filter((field) => old[field] !== fresh[field]);
  return fields.length === 0 ? null : Object.fromEntries(fields.map((field) => [field, fresh[field]]));
}

function changedParts(before: PageContent, after: PageContent): Partial<LiveDelta> {
  const [old, fresh]: Partial<LiveDelta>[] = [before, after];
  const changed = PARTS.filter((part) =>
    part === 'benefit' ? !isSameBenefit(old?.benefit, fresh?.benefit) : !isSame(old?.[part], fresh?.[part]),
  );
  return Object.fromEntries(changed.map((part) => [part, fresh?.[part]]));
}

/** Whatever the time it was read at, which is new at every reading. */
const isSameBenefit = (one: LiveDelta['benefit'], other: LiveDelta['benefit']): boolean =>
  one === other || isSame({ ...one, asOf: null }, { ...other, asOf: null });
