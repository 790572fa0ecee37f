import { ESLint, Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, test } from 'vitest';

const eslint = new ESLint();
const linter = new Linter();

/** What the project's own rule says of a text, as if it stood in that file; without types, which it does not need. */
async function refusals(file: string, text: string): Promise<string[]> {
  const { rules } = (await eslint.calculateConfigForFile(file)) as Linter.Config;
  const rule = rules?.['no-restricted-syntax'] ?? 'off';
  const parser = tseslint.parser as Linter.Parser;
  const config = { files: ['**/*.ts'], languageOptions: { parser }, rules: { 'no-restricted-syntax': rule } };
  return linter.verify(text, [config], { filename: 'planted.ts' }).map(({ message }) => message);
}

const SERVICE = 'apps/api/src/organisation/organisation.service.ts';

test.each([
  'db.getRepository(Object);',
  'db.manager.query("select 1");',
  'tx.query("select 1", []);',
  'tx.findOneBy(Object, { id: 1 });',
  'tx.find(Object);',
  'tx.createQueryBuilder(Object, "row");',
  'db.manager.countBy(Object, {});',
  'tx.update(Object, {}, {});',
  'tx.save(Object, {});',
])('a service may not: %s', async (line) => {
  expect(await refusals(SERVICE, line)).toHaveLength(1);
});

test.each(['[1].find((one) => one);', 'scoped(tx, Object, db).find({});', 'scoped(tx, Object, db).query();'])(
  'a service may: %s',
  async (line) => {
    expect(await refusals(SERVICE, line)).toEqual([]);
  },
);

test('a service may not import a repository', async () => {
  expect(await refusals(SERVICE, `import { Repository } from 'typeorm';`)).toHaveLength(1);
});

test('SQL may stand in a queries file, and nowhere else, not even where people log in', async () => {
  const line = 'tx.query("select 1");';
  expect(await refusals('apps/api/src/organisation/organisation.queries.ts', line)).toEqual([]);
  expect(await refusals('apps/api/src/identity/grant-views.ts', line)).toHaveLength(1);
});
