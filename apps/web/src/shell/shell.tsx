import { AppShell, Badge, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Loading } from '../parts/loading.js';
import { NotificationBell } from '../notifications/bell.js';
import { sessionQuery, useSession } from '../session.js';
import { AccountMenu } from './account-menu.js';
import { Navigation } from './navigation-list.js';
import { SchemeSwitch } from './scheme-switch.js';
import { LanguageSwitch } from './language-switch.js';
import { Mark } from './mark.js';
import classes from './shell.module.css';

const CONTENT = 'content';

/** The pages of somebody who is logged in; a session that ends while a page is open leads to log-in and back. */
export function Shell() {
  const { data: session } = useQuery(sessionQuery);
  const back = useRouterState({ select: (state) => state.location.href });
  return session === null ? <Navigate to="/log-in" search={{ back }} /> : <Frame />;
}

function Frame() {
  const { t } = useTranslation();
  const [isOpen, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(close, [path, close]);
  return (
    <>
      <a href={`#${CONTENT}`} className={classes.skip}>
        {t('shell.skipToContent')}
      </a>
      <AppShell
        header={{ height: 60 }}
        navbar={{ width: 240, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        padding={{ base: 'md', md: 'xl' }}
      >
        <AppShell.Header className={classes.header}>
          <Burger
            hiddenFrom="sm"
            size="sm"
            opened={isOpen}
            onClick={toggle}
            aria-label={t(isOpen ? 'shell.closeMenu' : 'shell.openMenu')}
          />
          <Brand />
          <Group gap={4} wrap="nowrap" ml="auto">
            <LanguageSwitch />
            <SchemeSwitch />
            <NotificationBell />
            <AccountMenu />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar aria-label={t('shell.mainMenu')} className={classes.navbar}>
          <Navigation />
        </AppShell.Navbar>
        <AppShell.Main id={CONTENT} tabIndex={-1} className={classes.main}>
          <div className={classes.page}>
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </div>
          <Text component="footer" size="sm" c="dimmed" className={classes.footer}>
            {t('shell.footer')}
          </Text>
        </AppShell.Main>
      </AppShell>
    </>
  );
}

function Brand() {
  const { t } = useTranslation();
  const { municipality } = useSession();
  return (
    <Group gap="sm" wrap="nowrap" className={classes.brand}>
      <Link to="/" className={classes.brandLink}>
        <Mark />
        <span className={classes.product}>{t('shell.product')}</span>
      </Link>
      <Text className={classes.municipality}>{municipality.name}</Text>
      {municipality.demo && (
        <Badge variant="filled" color="grape" className={classes.demo} title={t('shell.demoExplained')}>
          {t('shell.demo')}
        </Badge>
      )}
    </Group>
  );
}
