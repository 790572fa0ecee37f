export { findRunning } from './find-running.js';
export { FolderInUse, type FolderHold, holdFolder } from './folder-hold.js';
export { describeExit, type PostmasterExit } from './postmaster.js';
export { PostgresStartError } from './postgres-start-error.js';
export { type PostgresOptions, type RunningPostgres, startPostgres } from './start-postgres.js';
