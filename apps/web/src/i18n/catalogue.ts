import { admin } from './messages/admin.js';
import { benefitPlan } from './messages/benefit-plan.js';
import { benefit } from './messages/benefit.js';
import { devices } from './messages/devices.js';
import { errors } from './messages/errors.js';
import { forms } from './messages/forms.js';
import { live } from './messages/live.js';
import { logIn } from './messages/log-in.js';
import { parts } from './messages/parts.js';
import { placements } from './messages/placements.js';
import { plan } from './messages/plan.js';
import { products } from './messages/products.js';
import { rejects } from './messages/rejects.js';
import { shell } from './messages/shell.js';
import { trials } from './messages/trials.js';
import { words } from './messages/words.js';

/** Every text of the user interface, one file a feature: `t('live.today')` reads `messages/live.ts`. */
export const FEATURES = {
  admin,
  benefit,
  benefitPlan,
  devices,
  errors,
  forms,
  live,
  logIn,
  parts,
  placements,
  plan,
  products,
  rejects,
  shell,
  trials,
  words,
};

type Feature = keyof typeof FEATURES;
/** Swedish is the source of the keys; each file proves that English has the same. */
export type Catalogue = { [Name in Feature]: (typeof FEATURES)[Name]['sv'] };

function inLanguage(language: 'sv' | 'en'): Catalogue {
  return Object.fromEntries(Object.entries(FEATURES).map(([name, texts]) => [name, texts[language]])) as Catalogue;
}

export const CATALOGUES = { sv: inLanguage('sv'), en: inLanguage('en') };
