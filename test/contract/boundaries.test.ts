import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIBRARIES = ['domain', 'contracts', 'telemetry', 'database', 'embedded-postgres'];
interface Rules {
  forbidden: (IForbiddenRuleType & { name: string })[];
  options: ICruiseOptions;
}
const rules = createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as Rules;

/** Rule → a file and the one import in it that must be found. */
const PLANTED: Record<string, [file: string, imported: string]> = {
  'domain-parts': ['libs/domain/src/a.ts', '#contracts'],
  'domain-packages': ['libs/domain/src/b.ts', 'zod'],
  'domain-node': ['libs/domain/src/c.ts', 'node:crypto'],
  'contracts-parts': ['libs/contracts/src/a.ts', '#database'],
  'contracts-packages': ['libs/contracts/src/b.ts', 'typeorm'],
  'contracts-node': ['libs/contracts/src/c.ts', 'node:fs'],
  'telemetry-parts': ['libs/telemetry/src/a.ts', '#database'],
  'telemetry-packages': ['libs/telemetry/src/b.ts', 'pg'],
  'telemetry-node': ['libs/telemetry/src/c.ts', 'node:fs'],
  'database-parts': ['libs/database/src/a.ts', '#contracts'],
  'database-packages': ['libs/database/src/b.ts', 'zod'],
  'embedded-postgres-parts': ['libs/embedded-postgres/src/a.ts', '#domain'],
  'embedded-postgres-packages': ['libs/embedded-postgres/src/b.ts', 'pg'],
  'api-parts': ['apps/api/src/a.ts', '#embedded-postgres'],
  'ingest-parts': ['apps/ingest/src/a.ts', '../../api/src/app.js'],
  'hub-parts': ['apps/hub/src/a.ts', '#domain'],
  'conformance-parts': ['apps/conformance/src/a.ts', '#database'],
  'web-parts': ['apps/web/src/a.tsx', '#database'],
  'web-node': ['apps/web/src/b.tsx', 'node:path'],
  'simulator-parts': ['devices-sim/src/a.ts', '#telemetry'],
  'simulator-packages': ['devices-sim/src/b.ts', 'typeorm'],
  'library-by-its-index': ['apps/api/src/b.ts', '../../../libs/domain/src/inside.js'],
  'no-cycle': ['apps/api/src/c.ts', './d.js'],
  resolvable: ['apps/api/src/e.ts', './nowhere.js'],
};

let folder: string;
let found: string[];

/** A small copy of the layout, with one violation of each rule. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nyttospar-boundaries-'));
  writeFileSync(join(folder, 'package.json'), readFileSync(join(ROOT, 'package.json')));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const library of LIBRARIES) plant(`libs/${library}/src/index.ts`, '');
  plant('libs/domain/src/inside.ts', '');
  plant('apps/api/src/app.ts', '');
  plant('apps/api/src/d.ts', `import { planted } from './c.js';\nexport const back = planted;\n`);
  for (const [file, imported] of Object.values(PLANTED))
    plant(file, `import * as it from '${imported}';\nexport const planted = it;\n`);
  found = await violations(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text || 'export const empty = 0;\n');
}

/** `rule: file` for each violation below a folder. */
async function violations(baseDir: string): Promise<string[]> {
  const options = { ...rules.options, baseDir, ruleSet: { forbidden: rules.forbidden }, validate: true };
  const { output } = await cruise(['apps', 'libs', 'devices-sim'], options);
  return (output as ICruiseResult).summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

describe('each rule of the direction of dependencies bites', () => {
  test('and has a planted violation', () => {
    expect(Object.keys(PLANTED).sort()).toEqual(rules.forbidden.map(({ name }) => name).sort());
  });

  test.each(Object.entries(PLANTED))('%s', (rule, [file]) => {
    expect(found).toContain(`${rule}: ${file}`);
  });

  test('and finds nothing but what was planted', () => {
    const planted = Object.entries(PLANTED).map(([rule, [file]]) => `${rule}: ${file}`);
    expect(found.filter((one) => !planted.includes(one))).toEqual([]);
  });
});
