import { admin } from './messages/admin.js';
import { audit } from './messages/audit.js';
import { benefitPlan } from './messages/benefit-plan.js';
import { benefit } from './messages/benefit.js';
import { corrections } from './messages/corrections.js';
import { devices } from './messages/devices.js';
import { entries } from './messages/entries.js';
import { errors } from './messages/errors.js';
import { forms } from './messages/forms.js';
import { gateways } from './messages/gateways.js';
import { imports } from './messages/imports.js';
import { live } from './messages/live.js';
import { logIn } from './messages/log-in.js';
import { mappings } from './messages/mappings.js';
import { notifications } from './messages/notifications.js';
import { parts } from './messages/parts.js';
import { placements } from './messages/placements.js';
import { plan } from './messages/plan.js';
import { products } from './messages/products.js';
import { rejects } from './messages/rejects.js';
import { shell } from './messages/shell.js';
import { storage } from './messages/storage.js';
import { system } from './messages/system.js';
import { trials } from './messages/trials.js';
import { words } from './messages/words.js';

/** Every text of the user interface, one file a feature: `t('live.today')` reads `messages/live.ts`. */
export const FEATURES = {
  admin,
  audit,
  benefit,
  benefitPlan,
  corrections,
  devices,
  entries,
  errors,
  forms,
  gateways,
  imports,
  live,
  logIn,
  mappings,
  notifications,
  parts,
  placements,
  plan,
  products,
  rejects,
  shell,
  storage,
  system,
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
