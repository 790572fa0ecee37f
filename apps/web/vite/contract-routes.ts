import { runnerImport, type Plugin } from 'vite';

/** A caller needs an endpoint's method and path; its zod schemas are the server's, and would cost every visitor. */
interface Route {
  method: string;
  path: string;
}

type Constant = string | number | boolean | readonly (string | number)[];

const isRoute = (value: unknown): value is Route =>
  typeof value === 'object' && value !== null && 'method' in value && 'path' in value && 'access' in value;

const isConstant = (value: unknown): value is Constant =>
  ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every(isConstant));

/** `{ list: endpoint(…) }` → `{ list: { method, path } }`; `undefined` for anything that is no group of endpoints. */
function routesOf(value: unknown): Record<string, Route> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const entries = Object.entries(value);
  if (entries.length === 0 || !entries.every(([, route]) => isRoute(route))) return undefined;
  return Object.fromEntries(entries.map(([name, { method, path }]) => [name, { method, path }]));
}

function moduleText(contracts: Record<string, unknown>): string {
  return Object.entries(contracts)
    .map(([name, value]) => [name, isConstant(value) ? value : routesOf(value)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join('\n');
}

/**
 * Serves `#contracts` to the browser as what a caller needs of it: each endpoint's method and path, and plain
 * constants. Importing a schema by name fails the build, so zod can never slip into the page.
 */
export function contractRoutes(entry: string): Plugin {
  const id = '\0contract-routes';
  return {
    name: 'contract-routes',
    enforce: 'pre',
    resolveId: (source) => (source === '#contracts' ? id : null),
    load: async (asked) => {
      if (asked !== id) return null;
      const { module } = await runnerImport<Record<string, unknown>>(entry, {
        configFile: false,
        logLevel: 'error',
        environments: { inline: { resolve: { conditions: ['source', 'node'], externalConditions: ['source', 'node'] } } },
      });
      return moduleText(module);
    },
  };
}
