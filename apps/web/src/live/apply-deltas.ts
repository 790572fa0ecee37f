import type { LiveDelta, LiveDeviceChange, LiveDeviceView, LiveTrialView, LiveUnitView } from '#contracts';

export type LiveView = LiveUnitView | LiveTrialView;

/**
 * A snapshot with the deltas that follow it, in any order and with any repetition. `missed` are those beyond a gap in
 * the revisions: they can be applied when the snapshot has caught up. Nothing to apply: the very same view.
 */
export function applyDeltas<View extends LiveView>(
  view: View,
  deltas: readonly LiveDelta[],
): { view: View; missed: LiveDelta[] } {
  const ahead = deltas
    .filter(({ revision }) => revision > view.revision)
    .sort((one, other) => one.revision - other.revision);
  let current = view;
  for (const [index, delta] of ahead.entries()) {
    if (delta.revision > current.revision + 1) return { view: current, missed: ahead.slice(index) };
    if (delta.revision === current.revision + 1) current = applyDelta(current, delta);
  }
  return { view: current, missed: [] };
}

function applyDelta<View extends LiveView>(view: View, delta: LiveDelta): View {
  const { page: _, devices = [], changes = [], removedPlacementIds = [], benefit, benefits, ...parts } = delta;
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  return {
    ...view,
    ...given,
    devices: mergeDevices(changeDevices(view.devices, changes), devices, removedPlacementIds),
    ...('benefits' in view && benefits !== undefined && { benefits }),
    ...('benefit' in view && benefit !== undefined && { benefit }),
  };
}

/** What is not named stays as it was shown. */
function changeDevices(shown: LiveDeviceView[], changes: readonly LiveDeviceChange[]): LiveDeviceView[] {
  if (changes.length === 0) return shown;
  const byPlacement = new Map(changes.map((change) => [change.placementId, change]));
  return shown.map((device) => {
    const change = byPlacement.get(device.placementId);
    if (!change) return device;
    return { ...device, today: change.today ?? device.today, signal: { ...device.signal, ...change.signal } };
  });
}

/** Devices replace by placement and keep their place in the list; new ones come last. */
function mergeDevices(shown: LiveDeviceView[], changed: LiveDeviceView[], removed: string[]): LiveDeviceView[] {
  if (changed.length === 0 && removed.length === 0) return shown;
  const byPlacement = new Map([...shown, ...changed].map((device) => [device.placementId, device]));
  removed.forEach((placementId) => byPlacement.delete(placementId));
  return [...byPlacement.values()];
}
