import react from '@vitejs/plugin-react';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { contractRoutes } from './vite/contract-routes.js';
import { languageTexts } from './vite/language-texts.js';
import { precompress } from './vite/precompress.js';

const API = 'http://127.0.0.1:3000';
const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: folder('.'),
  resolve: { conditions: ['source', ...defaultClientConditions] },
  plugins: [
    contractRoutes(folder('../../libs/contracts/src/index.ts')),
    languageTexts(folder('src/i18n/catalogue.ts')),
    react(),
    precompress(),
  ],
  build: {
    outDir: folder('../../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    // A page's own chunk is fetched with its data: what stays in the first chunk is what every page needs.
    rolldownOptions: {
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'first', tags: ['$initial'] },
            { name: 'charts', test: /node_modules[\\/](@visx|d3-|internmap)/ },
            { name: 'dates', test: /node_modules[\\/](@mantine[\\/]dates|dayjs)/ },
            { name: 'table', test: /node_modules[\\/]@tanstack[\\/](react-table|table-core)/ },
            { name: 'socket', test: /node_modules[\\/](socket\.io|engine\.io|@socket\.io)/ },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: { '/api': { target: API, ws: true } },
  },
});
