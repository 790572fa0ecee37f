import { Organisation1763800000001 } from './0001-organisation.js';
import { Inventory1763800000002 } from './0002-inventory.js';
import { Benefit1763800000003 } from './0003-benefit.js';
import { Usage1763800000004 } from './0004-usage.js';

/** In the order in which they run. A landed migration is never edited; the next change is a new file. */
export const MIGRATIONS = [Organisation1763800000001, Inventory1763800000002, Benefit1763800000003, Usage1763800000004];
