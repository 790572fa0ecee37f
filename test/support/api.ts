import { isDeepStrictEqual } from 'node:util';
import type { CallOf, Endpoint, ErrorView, ResponseOf } from '#contracts';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { createApp } from '../../apps/api/src/app.js';
import { readConfig } from '../../apps/api/src/config.js';
import { SESSION_COOKIE } from '../../apps/api/src/identity/cookies.js';
import type { Clock } from '../../apps/api/src/settings.js';
import { createDatabase, type TestDatabase } from './postgres.js';

/** An answer as it came, of any status. */
export interface RawAnswer {
  status: number;
  headers: Headers;
  /** Parsed JSON, the text of anything else, undefined when empty. */
  body: unknown;
}

/** An answer other than 2xx where a test expected success. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly view: ErrorView,
  ) {
    super(`${status} ${view.code}: ${view.message} ${JSON.stringify(view.errors ?? view.details ?? {})}`);
  }
}

type Parts = { params?: object; query?: object; body?: unknown; headers?: Record<string, string> };
type Given<E extends Endpoint> = CallOf<E> & { headers?: Record<string, string> };
type Arguments<E extends Endpoint> = keyof CallOf<E> extends never ? [parts?: Given<E>] : [parts: Given<E>];

/** Calls the API as one person, or as nobody. */
export interface ApiClient {
  /** The answer of a route, checked strictly against its contract; throws {@link Refused} for any other than 2xx. */
  call<E extends Endpoint>(endpoint: E, ...parts: Arguments<E>): Promise<ResponseOf<E>>;
  /** The answer whatever its status; parts need not match the contract. A 2xx body is checked all the same. */
  raw(endpoint: Endpoint, parts?: Parts): Promise<RawAnswer>;
}

/** The whole API on a port and a database of its own. */
export interface TestApi extends ApiClient {
  url: string;
  databaseUrl: string;
  app: NestFastifyApplication;
  db: DataSource;
  /** The same API as a person who is logged in: anything with a session's token. */
  as(user: { token: string }): ApiClient;
  close(): Promise<void>;
}

/** Instead of a database of its own and the system's clock. */
interface Surroundings {
  database?: TestDatabase;
  clock?: Clock;
}

/**
 * Starts the API as the product does, on a migrated database; close it in `afterAll`. `env` adds settings. Jobs are
 * enqueued and not done, unless `JOBS` says otherwise: `queue` does them, without the timetable.
 */
export async function startApi(
  env: Record<string, string> = {},
  { clock, ...given }: Surroundings = {},
): Promise<TestApi> {
  const database = given.database ?? (await createDatabase());
  const settings = { DATABASE_URL: database.url, LOG_LEVEL: 'error', HTTP_PORT: '0', JOBS: 'off', ...env };
  const app = await createApp(readConfig(settings), clock);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  const close = async (): Promise<void> => {
    await app.close();
    await database.drop();
  };
  return {
    ...clientOf(url),
    url,
    databaseUrl: database.url,
    app,
    db: app.get(DataSource),
    as: ({ token }) => clientOf(url, token),
    close,
  };
}

function clientOf(url: string, token?: string): ApiClient {
  const raw = (endpoint: Endpoint, parts: Parts = {}): Promise<RawAnswer> => send({ url, token, endpoint, parts });
  return {
    raw,
    call: async <E extends Endpoint>(endpoint: E, ...[parts]: Arguments<E>): Promise<ResponseOf<E>> => {
      const answer = await raw(endpoint, parts as Parts | undefined);
      if (answer.status >= 300) throw new Refused(answer.status, answer.body as ErrorView);
      return answer.body as ResponseOf<E>;
    },
  };
}

interface Sending {
  url: string;
  token: string | undefined;
  endpoint: Endpoint;
  parts: Parts;
}

async function send({ url, token, endpoint, parts }: Sending): Promise<RawAnswer> {
  const response = await fetch(url + addressOf(endpoint.path, parts), {
    method: endpoint.method,
    headers: {
      ...(token === undefined ? {} : { cookie: `${SESSION_COOKIE}=${token}` }),
      ...(parts.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...parts.headers,
    },
    ...(parts.body === undefined ? {} : { body: bodyAsSent(parts) }),
  });
  const body = bodyOf(await response.text());
  if (response.ok) assertContract(endpoint, response.status, body);
  return { status: response.status, headers: response.headers, body };
}

/** JSON, unless the headers say that it is something else. */
const bodyAsSent = ({ body, headers = {} }: Parts): string | Uint8Array =>
  'content-type' in headers && (typeof body === 'string' || body instanceof Uint8Array) ? body : JSON.stringify(body);

const bodyOf = (text: string): unknown => {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** The path with its parameters filled in, and the query. */
export function addressOf(path: string, { params = {}, query = {} }: Parts): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown>)[name])),
  );
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return given.length === 0
    ? filled
    : `${filled}?${new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString()}`;
}

/** Strictly: a property that the contract does not name fails as one that is missing does. */
function assertContract(endpoint: Endpoint, status: number, body: unknown): void {
  const where = `${endpoint.method} ${endpoint.path}`;
  if (!endpoint.response) {
    if (status !== 204 || body !== undefined)
      throw new Error(`${where} should answer 204 without a body, not ${status}`);
    return;
  }
  const parsed = endpoint.response.safeParse(body);
  if (!parsed.success) throw new Error(`${where} does not answer what its contract says: ${parsed.error.message}`);
  if (!isDeepStrictEqual(parsed.data, body)) {
    throw new Error(
      `${where} answers more than its contract says:\n${JSON.stringify(body)}\n${JSON.stringify(parsed.data)}`,
    );
  }
}
