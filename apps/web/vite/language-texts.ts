import type { Plugin } from 'vite';
import { evaluate } from './evaluate.js';

const PREFIX = 'virtual:texts/';

/** Serves the message catalogue as one module a language, so that a reader fetches only the language they read. */
export function languageTexts(catalogue: string): Plugin {
  return {
    name: 'language-texts',
    resolveId: (source) => (source.startsWith(PREFIX) ? `\0${source}` : null),
    async load(id) {
      if (!id.startsWith(`\0${PREFIX}`)) return null;
      const { exported, files } = await evaluate(catalogue);
      files.forEach((file) => this.addWatchFile(file));
      const { CATALOGUES } = exported as { CATALOGUES: Record<string, unknown> };
      return `export default ${JSON.stringify(CATALOGUES[id.slice(PREFIX.length + 1)])};`;
    },
  };
}
