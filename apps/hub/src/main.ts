import { runCommand } from './command.js';
import { BUILT } from './programs.js';

process.exit(await runCommand(process.argv.slice(2), BUILT));
