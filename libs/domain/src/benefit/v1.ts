// Released formulas, version 1: never edited (structural rule 14). A change is a new version beside this one.
export * from './v1/appraisal.js';
export * from './v1/estimates.js';
export * from './v1/flows.js';
export * from './v1/valuing.js';
