import { fileURLToPath } from 'node:url';
import { runTool } from './tool.js';

const [script = '', ...args] = process.argv.slice(2);
process.exit(await runTool(fileURLToPath(new URL(`../../${script}`, import.meta.url)), args));
