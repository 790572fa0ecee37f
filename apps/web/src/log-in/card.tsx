import { Box, Group, Paper, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LanguageSwitch } from '../shell/language-switch.js';
import { Mark } from '../shell/mark.js';
import { SchemeSwitch } from '../shell/scheme-switch.js';
import classes from './card.module.css';

/** What stands around the pages of those who are not logged in. */
export function Card({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Box className={classes.frame}>
      <Group component="header" justify="space-between" wrap="nowrap">
        <Group gap={10} wrap="nowrap">
          <Mark />
          <Text fw={700}>{t('shell.product')}</Text>
        </Group>
        <Group gap={6} wrap="nowrap">
          <LanguageSwitch />
          <SchemeSwitch />
        </Group>
      </Group>
      <main className={classes.main}>
        <Paper withBorder className={classes.card}>
          <Stack gap={0}>{children}</Stack>
        </Paper>
      </main>
      <Text component="footer" size="sm" c="dimmed" ta="center">
        {t('shell.footer')}
      </Text>
    </Box>
  );
}
