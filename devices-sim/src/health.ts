import { FAMILIES, type MetricRhythm } from '#domain';
import { HealthMessage } from '#contracts';
import type { z } from 'zod';
import type { SimulatedDevice, Window } from './device.js';
import { offlineStretchAt } from './outages.js';
import { drawLength, mulberry32, randomAt, streamKey } from './random.js';

export type Health = z.output<typeof HealthMessage>;

/** A sign of life and the moment it is sent at. */
export interface Heartbeat {
  readonly atMs: number;
  readonly health: Health;
}

type Gauge = NonNullable<MetricRhythm['gauge']>;

const DAY_MS = 86_400_000;
const FIRMWARE = 'sim-1';
/** Indoor radio in dBm: where devices stand, and how much one reading differs from the next. */
const SIGNAL = { worst: -88, best: -52, flicker: 5 };

/** What a gauge shows: it falls evenly from full and is filled again at `refillBelow`; each device at its own phase. */
export function gaugeAt(device: SimulatedDevice, gauge: Gauge, atMs: number): number {
  const { full, fallPerDay, refillBelow } = gauge;
  const periodDays = (full - refillBelow) / fallPerDay;
  const phaseDays = mulberry32(streamKey(device.seed, device.publicId, 'gauge'))() * periodDays;
  const sinceRefill = (atMs / DAY_MS + phaseDays) % periodDays;
  return Math.round(full - fallPerDay * sinceRefill);
}

/**
 * The device's signs of life in a window, by time: one every `heartbeatSeconds` of its family, used or not (rule U12),
 * and none while it has no network: a heartbeat sent later would tell of a life that nobody saw.
 */
export function healthBetween(device: SimulatedDevice, { fromMs, toMs }: Window): Heartbeat[] {
  const intervalMs = FAMILIES[device.family].heartbeatSeconds * 1000;
  const phaseMs = Math.floor(mulberry32(streamKey(device.seed, device.publicId, 'heartbeat'))() * intervalMs);
  const heartbeats: Heartbeat[] = [];
  for (let beat = Math.ceil((fromMs - phaseMs) / intervalMs); beat * intervalMs + phaseMs < toMs; beat++) {
    const atMs = beat * intervalMs + phaseMs;
    if (offlineStretchAt(device, atMs) === null) heartbeats.push({ atMs, health: healthAt(device, atMs) });
  }
  return heartbeats;
}

function healthAt(device: SimulatedDevice, atMs: number): Health {
  const { power, rhythm } = FAMILIES[device.family];
  const gauge = Object.values(rhythm.metrics).find((metric) => metric.gauge !== undefined)?.gauge;
  const battery = power === 'battery' && gauge !== undefined ? { battery: gaugeAt(device, gauge, atMs) } : {};
  return { ...battery, signal: signalAt(device, atMs), firmware: FIRMWARE, at: new Date(atMs).toISOString() };
}

function signalAt(device: SimulatedDevice, atMs: number): number {
  const key = streamKey(device.seed, device.publicId, 'signal');
  const usual = SIGNAL.worst + mulberry32(key)() * (SIGNAL.best - SIGNAL.worst);
  // Fading only ever weakens: a skewed loss below the place's usual strength.
  const fading = drawLength(
    { mean: SIGNAL.flicker, spread: SIGNAL.flicker },
    30,
    randomAt(key, Math.floor(atMs / 1000)),
  );
  return Math.round(usual - fading);
}
