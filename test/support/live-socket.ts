import { type LiveDelta, type LiveDeviceChange, type LivePage, SOCKET_PATH, type WatchAnswer } from '#contracts';
import { io } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import type { TestApi } from './api.js';

interface Given {
  token?: string;
  origin?: string;
  polling?: boolean;
}

/** A socket as a browser opens it, closed when the test ends; `deltas` gathers what it is told. Fails when refused. */
export async function connectLive(api: TestApi, given: Given = {}) {
  const cookie = given.token === undefined ? {} : { cookie: `${SESSION_COOKIE}=${given.token}` };
  const extraHeaders = { ...cookie, ...(given.origin === undefined ? {} : { origin: given.origin }) };
  const transports = given.polling ? ['polling'] : ['websocket'];
  const socket = io(api.url, { path: SOCKET_PATH, transports, extraHeaders, reconnection: false, forceNew: true });
  onTestFinished(() => void socket.disconnect());
  const deltas: LiveDelta[] = [];
  socket.on('delta', (delta: LiveDelta) => deltas.push(delta));
  const ended = new Promise<void>((resolve) => void socket.once('ended', resolve));
  await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject));
  const watch = (page: unknown): Promise<WatchAnswer> => socket.emitWithAck('watch', page) as Promise<WatchAnswer>;
  return { socket, deltas, ended, watch };
}

/** All that deltas have told of devices, whole or what changed of them. */
export const toldOfDevices = (deltas: readonly LiveDelta[]): LiveDeviceChange[] =>
  deltas.flatMap(({ devices = [], changes = [] }) => [...devices, ...changes]);

/** A page's only device's signal, as far as deltas have told of it. */
export const signalTold = (deltas: readonly LiveDelta[]): object =>
  Object.assign({}, ...toldOfDevices(deltas).map(({ signal }) => signal)) as object;

export const unitPage = (id: string): LivePage => ({ kind: 'unit', id });
export const trialPage = (id: string): LivePage => ({ kind: 'trial', id });
