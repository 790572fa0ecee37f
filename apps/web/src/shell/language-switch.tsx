import { identityApi, type SessionView } from '#contracts';
import { NativeSelect } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { LANGUAGES, showLanguage, type Language } from '../i18n/index.js';
import { sessionQuery, useSessionOrNull } from '../session.js';
import classes from './shell.module.css';

const NAMES: Readonly<Record<Language, string>> = { sv: 'Svenska', en: 'English' };

/** Chooses the language: here at once, on this device for next time, and on the account when there is one. */
export function LanguageSwitch() {
  const { t, i18n } = useTranslation();
  const session = useSessionOrNull();
  const queryClient = useQueryClient();
  const choose = async (locale: Language): Promise<void> => {
    await showLanguage(locale);
    if (session === null) return;
    const renewed: SessionView = { ...session, user: { ...session.user, locale } };
    queryClient.setQueryData(sessionQuery.queryKey, renewed);
    await call(identityApi.setLocale, { body: { locale } });
  };
  return (
    <NativeSelect
      size="sm"
      className={classes.language}
      aria-label={t('shell.language')}
      value={i18n.language}
      data={LANGUAGES.map((value) => ({ value, label: NAMES[value] }))}
      onChange={({ currentTarget }) => void choose(currentTarget.value as Language)}
    />
  );
}
