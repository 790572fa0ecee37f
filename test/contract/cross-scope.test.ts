import { globSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { CROSS_SCOPE } from '../../apps/api/src/scope/cross-scope.js';

const API = fileURLToPath(new URL('../../apps/api/src', import.meta.url));

/** Each exported function of a file, and whether it takes a scope. */
function exportedFunctions(text: string): { name: string; takesScope: boolean }[] {
  const source = ts.createSourceFile('queries.ts', text, ts.ScriptTarget.ESNext, true);
  return source.statements.flatMap((statement) => {
    const isExported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!isExported) return [];
    if (ts.isFunctionDeclaration(statement))
      return [{ name: statement.name?.text ?? '', takesScope: takesScope(statement) }];
    if (!ts.isVariableStatement(statement)) return [];
    return statement.declarationList.declarations.flatMap(({ name, initializer }) =>
      initializer && ts.isArrowFunction(initializer)
        ? [{ name: name.getText(), takesScope: takesScope(initializer) }]
        : [],
    );
  });
}

const takesScope = ({ parameters }: ts.FunctionDeclaration | ts.ArrowFunction): boolean =>
  parameters.slice(0, 2).some(({ type }) => type !== undefined && /\bScope\b/.test(type.getText()));

const files = globSync('**/*.queries.ts', { cwd: API });
const queries = files.flatMap((file) =>
  exportedFunctions(readFileSync(`${API}/${file}`, 'utf8')).map((query) => ({
    ...query,
    id: `${relative('.', file)}#${query.name}`,
  })),
);

describe('a query with SQL of its own (structural rule 7)', () => {
  test('there are some', () => {
    expect(queries.length).toBeGreaterThan(10);
  });

  test('takes the caller’s scope, or is listed with the reason why not', () => {
    const unlisted = queries.filter(({ id, takesScope: takes }) => !takes && !(id in CROSS_SCOPE));
    expect(unlisted.map(({ id }) => id)).toEqual([]);
  });

  test('is not listed when it is gone', () => {
    expect(Object.keys(CROSS_SCOPE).filter((listed) => !queries.some(({ id }) => id === listed))).toEqual([]);
  });
});

test.each([
  ['export function list(tx: EntityManager, scope: Scope) {}', true],
  ['export const list = (tx: EntityManager, _scope: Scope<"trial:read">) => 1;', true],
  ['export async function list(tx: EntityManager, id: string) {}', false],
  ['export const list = (tx: EntityManager) => 1;', false],
])('%s: takes a scope %s', (text, takes) => {
  expect(exportedFunctions(text)).toEqual([{ name: 'list', takesScope: takes }]);
});
