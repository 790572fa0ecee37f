/* global console, performance, process, setTimeout, URL */
/**
 * Builds everything into dist/: servers and libraries by swc, the web page by Vite, side by side. `npm run build` always
 * builds; `--if-stale` only when a source has changed since. The new build is made in a folder of its own and marked
 * last, so an interrupted one is made anew.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, glob, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const MARK = join(DIST, '.built');
const LOCK = join(DIST, '.building');
const LONGEST_BUILD_MS = 300_000;

const SOURCES = ['apps/**/*', 'libs/**/*', 'devices-sim/**/*', 'package.json', 'package-lock.json', '.swcrc'];
const SERVER_SOURCES = ['apps/*/src/**/*', 'libs/*/src/**/*', 'devices-sim/src/**/*'];

/** A build that failed; the message is what the tool said. */
class BuildError extends Error {
  name = 'BuildError';
}

/** Builds unless dist/ was made from exactly these sources; several that start at once build once. */
export async function buildIfStale() {
  if (!(await isStale())) return;
  await holdingLock(async () => {
    if (await isStale()) await build();
  });
}

async function isStale() {
  const [sources, built] = await Promise.all([hashSources(), readFile(MARK, 'utf8').catch(() => '')]);
  return built !== sources;
}

async function holdingLock(work) {
  await mkdir(DIST, { recursive: true }).catch(() => undefined); // what is wrong with it, the build says
  while (!(await takeLock())) await new Promise((resolve) => setTimeout(resolve, 200));
  try {
    await work();
  } finally {
    await rm(LOCK, { force: true });
  }
}

/** False while another build has it. One that was killed leaves its lock; so does one whose number has been given anew. */
async function takeLock() {
  try {
    await writeFile(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (cause) {
    if (cause.code !== 'EEXIST') return true;
  }
  const [pid, since] = await Promise.all([readFile(LOCK, 'utf8'), stat(LOCK)]).catch(() => [
    '',
    { mtimeMs: Date.now() },
  ]);
  // Empty = its owner is about to write it, or was killed just then.
  const isLeft = (pid !== '' && !isRunning(Number(pid))) || Date.now() - since.mtimeMs > LONGEST_BUILD_MS;
  if (isLeft) await rm(LOCK, { force: true });
  return false;
}

/** Builds and puts the result in the place of what was in dist/. */
export async function build() {
  const draft = join(DIST, `.draft-${process.pid}`);
  // Taken before: what is edited while the build runs makes it stale.
  const sources = await hashSources();
  console.log('Building (the first start, or the sources have changed) …');
  await mkdir(draft, { recursive: true }).catch((cause) => {
    throw new BuildError(
      `The folder ${DIST} cannot be written (${cause.code}). Give it to this user, or build as its owner.`,
    );
  });
  await removeDraftsOfTheDead();
  try {
    await allDone([timed('servers', buildServers(draft)), timed('web page', buildWeb(draft))]);
    await replaceDist(draft);
    await writeFile(MARK, sources);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A build ended by kill -9 leaves its draft; one that is running beside us keeps its own. */
async function removeDraftsOfTheDead() {
  for (const name of await readdir(DIST)) {
    const [, pid] = /^\.draft-(\d+)$/.exec(name) ?? [];
    if (pid && !isRunning(Number(pid))) await rm(join(DIST, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return cause.code === 'EPERM';
  }
}

/** Waits for every part even when one fails: nothing may still write when the draft is removed. */
async function allDone(parts) {
  const failed = (await Promise.allSettled(parts)).find(({ status }) => status === 'rejected');
  if (failed) throw failed.reason;
}

async function timed(name, work) {
  const startedAt = performance.now();
  await work;
  console.log(`  ${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

const isTest = (path) => /\.test\.tsx?$/.test(path);
const isServer = (path) => !path.startsWith(join('apps', 'web')) && !isTest(path);

async function listFiles(patterns) {
  const found = await Array.fromAsync(glob(patterns, { cwd: ROOT, withFileTypes: true }));
  const files = found.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length)).sort();
}

async function hashSources() {
  const paths = (await listFiles(SOURCES)).filter((path) => !isTest(path));
  const contents = await Promise.all(paths.map((path) => readFile(join(ROOT, path))));
  const hash = createHash('sha256').update(process.versions.node);
  paths.forEach((path, index) => hash.update(`${path}\0`).update(contents[index]));
  return hash.digest('hex');
}

async function buildServers(draft) {
  const { transformFile } = await importTool('@swc/core');
  const compile = async (path) => {
    const target = join(draft, path);
    await mkdir(dirname(target), { recursive: true });
    if (!path.endsWith('.ts')) return cp(join(ROOT, path), target);
    const { code, map } = await transformFile(join(ROOT, path), { cwd: ROOT, sourceMaps: true });
    const output = target.replace(/\.ts$/, '.js');
    const name = output.slice(dirname(output).length + 1);
    await writeFile(output, `${code}\n//# sourceMappingURL=${name}.map\n`);
    await writeFile(`${output}.map`, map);
  };
  const paths = (await listFiles(SERVER_SOURCES)).filter(isServer);
  await Promise.all(paths.map(compile)).catch((cause) => {
    throw new BuildError(`The servers could not be built: ${cause.message}`, { cause });
  });
}

async function importTool(name) {
  return import(name).catch((cause) => {
    const message = `The build tool ${name} is not installed. Run "npm ci" (without --omit=dev), then start again.`;
    throw new BuildError(message, { cause });
  });
}

/** In a process of its own: Vite and swc each fill a core. */
async function buildWeb(draft) {
  const vite = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const options = [
    'build',
    '--config',
    'apps/web/vite.config.ts',
    '--outDir',
    join(draft, 'web'),
    '--logLevel',
    'warn',
  ];
  const { code, text } = await run([vite, ...options]);
  if (code !== 0) throw new BuildError(`The web page could not be built: ${stripVTControlCharacters(text).trim()}`);
}

function run(args) {
  return new Promise((resolve, reject) => {
    // Under another one the packages' development halves are bundled: larger, and in chunks that load each other in a
    // circle, so that no page goes live.
    // eslint-disable-next-line no-restricted-properties -- no setting is read, all is handed on
    const env = { ...process.env, NODE_ENV: 'production' };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (text += part));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, text }));
  });
}

/** The mark goes first and comes back last: in between, dist/ counts as not built. */
async function replaceDist(draft) {
  await rm(MARK, { force: true });
  for (const part of ['apps', 'libs', 'devices-sim', 'web']) {
    await rm(join(DIST, part), { recursive: true, force: true });
    await rename(join(draft, part), join(DIST, part));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const work = process.argv.includes('--if-stale') ? buildIfStale() : build();
  await work.catch((cause) => {
    console.error(cause instanceof BuildError ? cause.message : cause);
    process.exitCode = 1;
  });
}
