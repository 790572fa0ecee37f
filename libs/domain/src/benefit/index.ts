import * as v1 from './v1.js';

export * from './assert-measurement-rule.js';
export * from './measurement-rule.js';
export * from './v1.js';
export * from './vocabulary.js';

/** Every released version of the formulas, by the name that a frozen decision keeps: replay reads it here (rule D2). */
export const BENEFIT_FORMULAS = { v1 } as const;

export type FormulaVersion = keyof typeof BENEFIT_FORMULAS;

/** The version that new calculations use; this module exports its functions by name. */
export const CURRENT_FORMULAS: FormulaVersion = 'v1';
