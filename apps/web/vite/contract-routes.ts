import type { Plugin } from 'vite';
import { evaluate } from './evaluate.js';

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
  const members = Object.entries(value as Record<string, unknown>);
  const routes = members.flatMap(([name, route]) =>
    isRoute(route) ? [[name, { method: route.method, path: route.path }] as const] : [],
  );
  return routes.length > 0 && routes.length === members.length ? Object.fromEntries(routes) : undefined;
}

function moduleText(contracts: Record<string, unknown>): string {
  return Object.entries(contracts)
    .map(([name, value]) => [name, isConstant(value) ? value : routesOf(value)] as const)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
    .join('\n');
}

/** The one file that gets the contract whole: only the lazy pages with forms import it. */
const SCHEMAS_DOOR = '/apps/web/src/forms/schemas.ts';

/**
 * Serves `#contracts` to the browser as what a caller needs of it: each endpoint's method and path, and plain
 * constants. Importing a schema by name fails the build, so zod can never slip into the first screen; forms take their
 * schemas through {@link SCHEMAS_DOOR}.
 */
export function contractRoutes(entry: string): Plugin {
  const id = '\0contract-routes';
  return {
    name: 'contract-routes',
    enforce: 'pre',
    resolveId: (source, importer) => (source === '#contracts' && !importer?.endsWith(SCHEMAS_DOOR) ? id : null),
    async load(asked) {
      if (asked !== id) return null;
      const { exported, files } = await evaluate(entry);
      files.forEach((file) => this.addWatchFile(file));
      return moduleText(exported);
    },
  };
}
