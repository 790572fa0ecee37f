import { identityApi } from '#contracts';
import { ActionIcon, Button, Stack, Text } from '@mantine/core';
import { IconKey, IconLogout, IconUser } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useSession } from '../session.js';
import classes from './shell.module.css';

const ChangePasswordDialog = lazy(() => import('./change-password.js'));

const POPOVER = 'account';

/** Who you are, your roles, your password and the way out. The browser's own popover: a menu library weighs 25 kB on every page. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { user, grants } = useSession();
  // A whole new page, so that nothing of the session stays in memory.
  const logOut = useMutation({
    mutationFn: () => call(identityApi.logOut),
    onSettled: () => window.location.assign('/log-in'),
  });
  const popover = useRef<HTMLDivElement>(null);
  const [isChanging, setChanging] = useState(false);
  // Closed first, which gives its button the focus that the dialog will hand back.
  const changePassword = (): void => {
    popover.current?.hidePopover();
    setChanging(true);
  };
  const label = `${t('shell.account')}: ${user.name}`;
  return (
    <>
      <ActionIcon variant="default" size={36} aria-label={label} title={user.name} popoverTarget={POPOVER}>
        <IconUser size={18} stroke={1.6} aria-hidden />
      </ActionIcon>
      <div
        ref={popover}
        popover="auto"
        id={POPOVER}
        className={classes.account}
        role="group"
        aria-label={t('shell.account')}
      >
        <Text fw={600}>{user.name}</Text>
        <Text size="sm" c="dimmed">
          {user.email}
        </Text>
        <ul className={classes.roles}>
          {grants.map((grant) => (
            <li key={grant.id}>
              {t(`words.role.${grant.role}`)}, {grant.on}
            </li>
          ))}
        </ul>
        <Stack gap="xs">
          <Button variant="default" leftSection={<IconKey size={16} aria-hidden />} onClick={changePassword}>
            {t('shell.changePassword')}
          </Button>
          <Button
            variant="default"
            leftSection={<IconLogout size={16} aria-hidden />}
            loading={logOut.isPending}
            onClick={() => logOut.mutate()}
          >
            {t('shell.logOut')}
          </Button>
        </Stack>
      </div>
      <Suspense fallback={null}>{isChanging && <ChangePasswordDialog onClose={() => setChanging(false)} />}</Suspense>
    </>
  );
}
