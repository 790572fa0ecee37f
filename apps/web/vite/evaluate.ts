import { runnerImport } from 'vite';

/** Runs a TypeScript module of the project while building, and tells which files it was made from. */
export async function evaluate(entry: string): Promise<{ exported: Record<string, unknown>; files: string[] }> {
  const conditions = ['source', 'node'];
  const { module, dependencies } = await runnerImport<Record<string, unknown>>(entry, {
    configFile: false,
    logLevel: 'error',
    environments: { inline: { resolve: { conditions, externalConditions: conditions } } },
  });
  return { exported: module, files: [entry, ...dependencies] };
}
