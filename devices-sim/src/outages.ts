import { FAMILIES } from '#domain';
import type { SimulatedDevice, Window } from './device.js';
import { drawLength, randomAt, streamKey } from './random.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** Lengths are cut here, so that one has to look back only so far: beyond it lies less than 1 % of a log-normal. */
const SPREADS_MAX = 6;

function longestMs({ family }: SimulatedDevice): number {
  const { mean, spread } = FAMILIES[family].rhythm.offlineMinutes;
  return (mean + SPREADS_MAX * spread) * MINUTE_MS;
}

/** The outage that begins in the given UTC hour, if the device's dice say so. */
function outageOfHour(device: SimulatedDevice, key: number, hour: number): Window | null {
  const { offlineChancePerHour, offlineMinutes } = FAMILIES[device.family].rhythm;
  const random = randomAt(key, hour);
  if (random() >= offlineChancePerHour) return null;
  const fromMs = hour * HOUR_MS + Math.floor(random() * HOUR_MS);
  const lengthMs = drawLength(offlineMinutes, longestMs(device) / MINUTE_MS, random) * MINUTE_MS;
  return { fromMs, toMs: fromMs + Math.ceil(lengthMs) };
}

function outagesBegunIn(device: SimulatedDevice, { fromMs, toMs }: Window): Window[] {
  if (device.outages === 'none') return [];
  const key = streamKey(device.seed, device.publicId, 'outage');
  const found: Window[] = [];
  for (let hour = Math.floor(fromMs / HOUR_MS); hour * HOUR_MS < toMs; hour++) {
    const outage = outageOfHour(device, key, hour);
    if (outage !== null && outage.fromMs >= fromMs && outage.fromMs < toMs) found.push(outage);
  }
  return found;
}

function outagesCovering(device: SimulatedDevice, ms: number): Window[] {
  return outagesBegunIn(device, { fromMs: ms - longestMs(device), toMs: ms + 1 }).filter(({ toMs }) => toMs > ms);
}

/** The whole stretch without network around a moment, overlapping outages taken together; null when there is network. */
export function offlineStretchAt(device: SimulatedDevice, ms: number): Window | null {
  const covering = outagesCovering(device, ms);
  return covering.length === 0 ? null : widened(device, enclosing(covering));
}

function widened(device: SimulatedDevice, stretch: Window): Window {
  const touching = [...outagesCovering(device, stretch.fromMs), ...outagesCovering(device, stretch.toMs)];
  const wider = enclosing([stretch, ...touching]);
  return wider.fromMs === stretch.fromMs && wider.toMs === stretch.toMs ? stretch : widened(device, wider);
}

function enclosing(windows: readonly Window[]): Window {
  return {
    fromMs: Math.min(...windows.map(({ fromMs }) => fromMs)),
    toMs: Math.max(...windows.map(({ toMs }) => toMs)),
  };
}

/** When the network next fails within a window; null when it holds. */
export function nextOutageIn(device: SimulatedDevice, window: Window): number | null {
  const begun = outagesBegunIn(device, window).map(({ fromMs }) => fromMs);
  return begun.length === 0 ? null : Math.min(...begun);
}
