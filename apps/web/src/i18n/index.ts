import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { CATALOGUES, type Catalogue } from './catalogue.js';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: Catalogue };
  }
}

export const LANGUAGES = ['sv', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

const STORED = 'nyttospar.language';

const isLanguage = (value: string | null | undefined): value is Language => value === 'sv' || value === 'en';

/** Chosen before on this device, else the browser's, else Swedish. */
function firstLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (isLanguage(stored)) return stored;
  return navigator.language.startsWith('en') ? 'en' : 'sv';
}

/** Shows the page in a language, tells assistive technology (`lang`) and remembers it on this device. */
export async function showLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  document.documentElement.lang = language;
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

/** Loads the texts; the first paint waits for it, and it does no I/O. */
export async function startTexts(): Promise<void> {
  const language = firstLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'sv',
    resources: { sv: { translation: CATALOGUES.sv }, en: { translation: CATALOGUES.en } },
    interpolation: { escapeValue: false }, // React escapes
  });
}
