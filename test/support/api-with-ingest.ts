import { pino } from 'pino';
import { Ingest } from '../../apps/ingest/src/ingest.js';
import { startApi, type TestApi } from './api.js';

/** The API and ingest on one database, as one machine runs them. */
export interface ApiWithIngest {
  api: TestApi;
  ingest: Ingest;
  close(): Promise<void>;
}

/** Starts both in this process. */
export async function startApiWithIngest(): Promise<ApiWithIngest> {
  const api = await startApi();
  const ingest = await ingestOf(api);
  const close = async (): Promise<void> => {
    await ingest.stop();
    await api.close();
  };
  return { api, ingest, close };
}

/** One more ingest on the API's database. */
export function ingestOf(api: TestApi): Promise<Ingest> {
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
  return Ingest.start({ databaseUrl: api.databaseUrl, bind: '127.0.0.1', mqttPort: 0, log });
}

/** A stored usage as tests compare it. */
export interface StoredUsage {
  at: Date;
  value: number | null;
  flags: number;
  attributes: object | null;
}

/** What is stored of a device, in its order. */
export function usageOf(api: TestApi, device: { key: number }): Promise<StoredUsage[]> {
  return api.db.query('select at, value, flags, attributes from usage where device_key = $1 order by at, message_key', [
    device.key,
  ]);
}

/** How many messages wait in the inbox. */
export async function inboxLength(api: TestApi): Promise<number> {
  const [row] = await api.db.query<{ count: number }[]>('select count(*)::int as count from usage_inbox');
  return row?.count ?? 0;
}
