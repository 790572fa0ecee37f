export * from './data-source.js';
export * from './entities/benefit.entity.js';
export * from './entities/inventory.entity.js';
export * from './entities/organisation.entity.js';
export * from './entities/trial.entity.js';
export * from './migrations/index.js';
export * from './usage/index.js';
