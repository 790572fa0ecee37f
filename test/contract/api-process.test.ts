import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { runNode } from '../support/run-node.js';

// A process of its own compiles every file as it starts.
vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const MAIN = 'apps/api/src/main.ts';
const start = (env: Record<string, string>, ipc = false) =>
  runNode(MAIN, [], {
    env: { PATH: process.env.PATH, HTTP_PORT: '0', LOG_LEVEL: 'debug', DATABASE_URL: database.url, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
  });

describe('the API as a process', () => {
  test('says how to make the first account, and ends once however often it is asked to', async () => {
    const api = start({ PUBLIC_URL: 'https://nyttospar.example.se' });
    await api.says(
      /"type":"ready","lines":\["First administrator[^"]*https:\/\/nyttospar\.example\.se\/link\/[\w-]{43}"\]/,
    );
    for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM'] as const) api.child.kill(signal);
    expect(await api.ended).toEqual({ code: 0, signal: null });
  });

  test('ends when its parent is gone', async () => {
    const api = start({}, true);
    expect(await once(api.child, 'message')).toMatchObject([{ type: 'ready' }, undefined]);
    api.child.disconnect();
    expect(await once(api.child, 'exit')).toEqual([0, null]); // "close" never comes once the parent has let go
  });

  test('ends also while a browser keeps its connection open', async () => {
    const api = start({ HTTP_PORT: '21987' });
    await api.says(/"type":"ready"/);
    await new Promise((resolve, reject) => {
      const headers = { connection: 'keep-alive' };
      request({ port: 21_987, host: '127.0.0.1', path: '/api/health/live', headers }, resolve)
        .on('error', reject)
        .end();
    });
    api.child.kill('SIGTERM');
    expect(await api.ended).toEqual({ code: 0, signal: null });
  });
});

describe('a database that cannot be reached', () => {
  const SECRET = 'hemligt-lösen';
  const encoded = encodeURIComponent(SECRET);

  test.each([
    ['a wrong password or user', () => new URL(database.url).host, 'nobody'],
    ['a port where nobody answers', () => '127.0.0.1:1', 'postgres'],
    ['a port that is none', () => '127.0.0.1:notaport', 'postgres'],
    ['a host that does not exist', () => 'no-such-host.invalid:5432', 'postgres'],
  ])('%s ends the start with a reason, without the password', async (_what, host, user) => {
    const api = start({ DATABASE_URL: `postgres://${user}:${encoded}@${host()}/nothing` });
    await api.says(/"type":"failed","message":".{10,}"/);
    expect((await api.ended).code).toBe(1);
    expect(api.text()).not.toContain(SECRET);
    expect(api.text()).not.toContain(encoded);
  });
});
