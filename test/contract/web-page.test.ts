import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../support/api.js';

const PAGE = '<!doctype html><title>Nyttospår</title><script type="module" src="/assets/app-1a2b3c.js"></script>';
const SCRIPT = `console.log('${'x'.repeat(2000)}');`;

let api: TestApi;
let webDir: string;
beforeAll(async () => {
  webDir = mkdtempSync(join(tmpdir(), 'nyttospar-web-'));
  mkdirSync(join(webDir, 'assets'));
  writeFileSync(join(webDir, 'index.html'), PAGE);
  writeFileSync(join(webDir, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(webDir, 'assets/app-1a2b3c.js'), SCRIPT);
  writeFileSync(join(webDir, 'assets/app-1a2b3c.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(webDir, 'assets/app-1a2b3c.js.gz'), gzipSync(SCRIPT));
  api = await startApi({ WEB_DIR: webDir, PUBLIC_URL: 'https://nyttospar.example.se' });
});
afterAll(async () => {
  await api.close();
  rmSync(webDir, { recursive: true });
});

/** As it goes over the wire: fetch would decode the body and tidy the path. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>((resolve, reject) => {
    const { hostname, port } = new URL(api.url);
    const sent = request({ hostname, port, path, method, headers }, (answer) => {
      let text = '';
      answer.setEncoding('latin1').on('data', (part: string) => (text += part));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    sent.on('error', reject).end();
  });
}
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the built page', () => {
  test.each(['/', '/log-in', '/link/a-token_1', '/trials/1/live', '/a/b/c/d/e?tab=2'])(
    'answers a browser at %s',
    async (path) => {
      const { status, headers, text } = await get(path, HTML);
      expect([status, headers['content-type'], headers['cache-control']]).toEqual([
        200,
        'text/html; charset=utf-8',
        'no-cache',
      ]);
      expect(Buffer.from(text, 'latin1').toString()).toBe(PAGE);
    },
  );

  test('answers HEAD without a body', async () => {
    expect(await get('/', HTML, 'HEAD')).toMatchObject({ status: 200, text: '' });
  });

  test.each([
    ['br', 'gzip, deflate, br', brotliCompressSync(SCRIPT)],
    ['gzip', 'gzip', gzipSync(SCRIPT)],
  ])('gives its files as %s where the browser takes it', async (encoding, accepted, bytes) => {
    const { headers, text } = await get('/assets/app-1a2b3c.js', { 'accept-encoding': accepted });
    expect(headers).toMatchObject({
      'content-encoding': encoding,
      vary: 'accept-encoding',
      'content-length': String(bytes.length),
    });
    expect(headers['content-type']).toMatch(/^(text|application)\/javascript/);
    expect(Buffer.from(text, 'latin1').equals(bytes)).toBe(true);
  });

  test('gives its files as they are to who takes no encoding, to be kept for a year', async () => {
    const { headers, text } = await get('/assets/app-1a2b3c.js');
    expect(headers['content-encoding']).toBeUndefined();
    expect([headers['cache-control'], text]).toEqual(['public, max-age=31536000, immutable', SCRIPT]);
  });

  test('asks again for a file whose name stays the same', async () => {
    expect((await get('/favicon.svg')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'image/svg+xml',
    });
  });

  test.each(['/assets/gone-000000.js', '/nothing.png', '/units/1'])(
    'is not given for %s to a program',
    async (path) => {
      const { status, text } = await get(path, { accept: '*/*' });
      expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([404, 'not_found']);
    },
  );

  test.each(['/api/nowhere', '/api/', '/api/trials/x/y/z'])('is never given for %s', async (path) => {
    const { status, headers } = await get(path, HTML);
    expect([status, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
  });

  test.each([
    '/../../package.json',
    '/..%2f..%2fpackage.json',
    '/assets/../../../etc/passwd',
    '/assets/%2e%2e/%2e%2e/etc/passwd',
    '/%00',
    '/index.html%00.js',
  ])('%s leads to no file outside', async (path) => {
    const { status, text } = await get(path, { accept: '*/*' });
    expect([400, 404]).toContain(status);
    expect(text).not.toMatch(/root:|"dependencies"/);
  });
});

describe('what the browser is told to refuse', () => {
  test('is everything from elsewhere', async () => {
    const { headers } = await get('/', HTML);
    const policy = String(headers['content-security-policy']).split(';');
    expect(policy).toEqual([
      `default-src 'self'`,
      `script-src 'self'`,
      `style-src 'self' 'unsafe-inline'`,
      `img-src 'self' data:`,
      `connect-src 'self'`,
      `object-src 'none'`,
      `base-uri 'none'`,
      `form-action 'self'`,
      `frame-ancestors 'none'`,
    ]);
  });

  test('goes with every answer, also a refused one', async () => {
    for (const path of ['/', '/api/health/live', '/api/session', '/api/nowhere', '/assets/app-1a2b3c.js']) {
      const { headers } = await get(path, HTML);
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      expect(headers['permissions-policy']).toContain('microphone=()');
      expect(headers['strict-transport-security']).toContain('max-age=');
      expect(headers).not.toHaveProperty('x-powered-by');
    }
  });

  test('is to keep what the API answers', async () => {
    expect((await get('/api/health/live')).headers['cache-control']).toBe('no-store');
  });

  test('leaves nothing in the page’s own source that it would refuse', () => {
    const source = readFileSync(new URL('../../apps/web/index.html', import.meta.url), 'utf8');
    expect(source).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|https?:\/\//);
  });
});
