/**
 * The direction of dependencies, as rules. `test/contract/boundaries.test.ts` plants
 * a violation of each one and proves that it is found.
 */
const TEST = '\\.test\\.ts$';
const NPM = '(^|/)node_modules/';

/** What one part may import, besides itself: other parts by their index, and named packages. */
const part = ({ name, at, parts = [], packages = [], core = false, why }) => [
  {
    name: `${name}-parts`,
    comment: why,
    severity: 'error',
    from: { path: `^${at}/`, pathNot: TEST },
    to: { path: '^(apps|libs|devices-sim|test)/', pathNot: [`^${at}/`, ...parts.map((other) => `^libs/${other}/`)] },
  },
  ...(packages === 'any'
    ? []
    : [
        {
          name: `${name}-packages`,
          comment: why,
          severity: 'error',
          from: { path: `^${at}/`, pathNot: TEST },
          to: { path: NPM, ...(packages.length > 0 ? { pathNot: packages.map((one) => `${NPM}${one}/`) } : {}) },
        },
      ]),
  ...(core === true
    ? []
    : [
        {
          name: `${name}-node`,
          comment: why,
          severity: 'error',
          from: { path: `^${at}/`, pathNot: TEST },
          to: { dependencyTypes: ['core'], ...(core ? { pathNot: core } : {}) },
        },
      ]),
];

module.exports = {
  forbidden: [
    ...part({ name: 'domain', at: 'libs/domain', why: 'Pure rules: no packages, no clock, no input or output.' }),
    ...part({
      name: 'contracts',
      at: 'libs/contracts',
      parts: ['domain'],
      packages: ['zod'],
      why: 'What crosses a wire, in zod and the domain’s words.',
    }),
    ...part({
      name: 'telemetry',
      at: 'libs/telemetry',
      parts: ['domain', 'contracts'],
      packages: ['zod'],
      core: '^buffer$',
      why: 'Pure adapters of messages; a decoder’s package is added here by name.',
    }),
    ...part({
      name: 'database',
      at: 'libs/database',
      parts: ['domain'],
      packages: ['typeorm', 'pg', '@types/pg', 'pg-[a-z-]+'],
      core: true,
      why: 'How rows are stored; it knows no wire.',
    }),
    ...part({
      name: 'embedded-postgres',
      at: 'libs/embedded-postgres',
      core: true,
      why: 'Starts a program: Node’s own modules alone.',
    }),
    ...['api', 'ingest'].flatMap((app) =>
      part({
        name: app,
        at: `apps/${app}`,
        parts: ['domain', 'contracts', 'telemetry', 'database'],
        packages: 'any',
        core: true,
        why: 'A thin shell over the libraries; apps never import each other.',
      }),
    ),
    ...part({
      name: 'hub',
      at: 'apps/hub',
      parts: ['contracts', 'database', 'embedded-postgres'],
      packages: 'any',
      core: true,
      why: 'Starts the other programs as processes; it imports none of them.',
    }),
    ...part({
      name: 'conformance',
      at: 'apps/conformance',
      parts: ['domain', 'contracts', 'telemetry'],
      packages: 'any',
      core: true,
      why: 'Judges a device by the contract alone: it runs where there is no database.',
    }),
    ...part({
      name: 'web',
      at: 'apps/web',
      parts: ['domain', 'contracts'],
      packages: 'any',
      core: true,
      why: 'The browser gets no storage and no server.',
    }),
    ...part({
      name: 'simulator',
      at: 'devices-sim',
      parts: ['domain', 'contracts'],
      packages: ['mqtt', 'commander', 'zod', '@types/node', 'undici-types'],
      core: true,
      why: 'Devices speak only the contract.',
    }),
    {
      name: 'web-node',
      comment: 'What runs in a browser has no Node.',
      severity: 'error',
      from: { path: '^apps/web/src/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'library-by-its-index',
      comment: 'A library is entered by #name alone, so that its inside may change.',
      severity: 'error',
      from: { path: '^(apps|libs|devices-sim)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$2/', '^$1/$2/'] },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one, or lack a third; types alone vanish before anything runs.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'Imports that lead nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^virtual:' }, // made by the web's own build
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    exclude: { path: ['^dist/', '^data/'] },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
