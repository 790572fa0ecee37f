import js from '@eslint/js';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const ROWS = 'Rows are reached by scoped(tx, Entity, scope): see apps/api/src/scope (structural rule 7).';
const MANAGER = ':matches([callee.object.name=/^(tx|manager|em)$/], [callee.object.property.name=/^(manager|db)$/])';

/** Ways round the door to rows. SQL of one's own lives in *.queries.ts, whose exports take a scope or are listed. */
const NO_SQL = [
  { selector: 'CallExpression[callee.property.name="getRepository"]', message: ROWS },
  { selector: 'ImportSpecifier[imported.name=/^(Repository|InjectRepository|BaseEntity)$/]', message: ROWS },
  {
    selector: 'CallExpression[callee.property.name="query"][arguments.length>0]',
    message: 'SQL belongs in a *.queries.ts file whose exports take the caller’s scope (structural rule 7).',
  },
];
const NO_UNSCOPED_ROWS = [
  {
    selector: `CallExpression${MANAGER}[callee.property.name=/^(find|count|exist|createQueryBuilder|save|update|upsert|sum|average|minimum|maximum)/]`,
    message: ROWS,
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'data/**', 'test/bench/peers/**', '.dependency-cruiser.cjs'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js', 'apps/hub/*.js'] } } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['warn', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 3],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Settings are read once, in the app’s config.ts.' },
      ],
    },
  },
  {
    files: ['**/config.ts', 'test/**', '**/*.config.ts', '**/*.test.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['apps/api/src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', ...NO_SQL, ...NO_UNSCOPED_ROWS] } },
  {
    // Who is logged in is found before there is a scope; the demo is the system's own; a live page is read once for all its viewers.
    files: ['apps/api/src/identity/**', 'apps/api/src/demo/**', 'apps/api/src/live/read-page.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_SQL] },
  },
  // Listens for notices on a connection of its own, and reads no row.
  {
    files: ['apps/api/src/live/watch/notices.service.ts'],
    rules: { 'no-restricted-syntax': ['error', ...NO_UNSCOPED_ROWS] },
  },
  {
    files: ['apps/api/src/scope/**', 'apps/api/src/**/*.queries.ts', 'apps/api/src/**/*.test.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  // Control characters are what it refuses.
  { files: ['libs/contracts/src/values.ts'], rules: { 'no-control-regex': 'off' } },
  { files: ['apps/web/**/*.{ts,tsx}'], plugins: { 'react-hooks': hooks }, rules: hooks.configs.recommended.rules },
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
