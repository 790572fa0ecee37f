import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Catalogue } from './catalogue.js';

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

const LOADERS: Readonly<Record<Language, () => Promise<{ default: Catalogue }>>> = {
  sv: () => import('virtual:texts/sv'),
  en: () => import('virtual:texts/en'),
};

async function loadTexts(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, 'translation')) return;
  i18next.addResourceBundle(language, 'translation', (await LOADERS[language]()).default);
}

/** Shows the page in a language, tells assistive technology (`lang`) and remembers it on this device. */
export async function showLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await loadTexts(language);
  document.documentElement.lang = language;
  if (i18next.language !== language) await i18next.changeLanguage(language);
}

/** Loads the reader's language; the first paint waits for it. */
export async function startTexts(): Promise<void> {
  const language = firstLanguage();
  document.documentElement.lang = language;
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false, // a test proves that both languages are whole
    resources: { [language]: { translation: (await LOADERS[language]()).default } },
    interpolation: { escapeValue: false }, // React escapes
  });
}
