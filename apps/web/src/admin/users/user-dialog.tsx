import { usersApi, type UserView } from '#contracts';
import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { FormDialog } from '../../forms/dialog.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { useSession } from '../../session.js';
import { AddGrant } from './add-grant.js';
import { InvitationLink } from './invitation-link.js';
import { UserGrants } from './user-grants.js';

interface UserDialogProps {
  user: UserView;
  onClose: () => void;
}

/** A person's roles, and the account itself. */
export default function UserDialog({ user, onClose }: UserDialogProps) {
  const { t } = useTranslation();
  const isYou = useSession().user.id === user.id;
  const [isAdding, setAdding] = useState(false);
  return (
    <FormDialog opened onClose={onClose} title={user.name}>
      <Stack>
        <Text c="dimmed">{user.email}</Text>
        <Title order={3} size="h5">
          {t('admin.users.grants')}
        </Title>
        <UserGrants user={user} />
        {isYou && <Text size="sm">{t('admin.users.notYourself')}</Text>}
        {!isYou && isAdding && <AddGrant user={user} onDone={() => setAdding(false)} />}
        {!isYou && !isAdding && user.status !== 'disabled' && (
          <div>
            <Button variant="default" onClick={() => setAdding(true)}>
              {t('admin.users.addGrant')}
            </Button>
          </div>
        )}
        {!isYou && <Account user={user} />}
      </Stack>
    </FormDialog>
  );
}

function Account({ user }: { user: UserView }) {
  const { t } = useTranslation();
  return (
    <>
      <Title order={3} size="h5">
        {t('admin.users.account')}
      </Title>
      {user.status === 'disabled' ? (
        <Enable user={user} />
      ) : (
        <>
          <GiveLink user={user} />
          <Disable user={user} />
        </>
      )}
    </>
  );
}

/** A new link to log in by: the invitation anew, or for somebody who has lost their password. */
function GiveLink({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const giving = useMutation({ mutationFn: () => call(usersApi.giveLink, { params: { id: user.id } }) });
  if (giving.data !== undefined) return <InvitationLink {...giving.data} name={user.name} onDone={giving.reset} />;
  return (
    <>
      <ErrorNotice error={giving.error} />
      {user.status === 'active' && <Text size="sm">{t('admin.users.resetPasswordText')}</Text>}
      <div>
        <Button variant="default" loading={giving.isPending} onClick={() => giving.mutate()}>
          {t(user.status === 'invited' ? 'admin.users.renew' : 'admin.users.resetPassword')}
        </Button>
      </div>
    </>
  );
}

function Enable({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const enabling = useMutation({
    mutationFn: () => call(usersApi.enable, { params: { id: user.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <>
      <Text size="sm">{t('admin.users.isDisabled')}</Text>
      <ErrorNotice error={enabling.error} />
      <div>
        <Button variant="default" loading={enabling.isPending} onClick={() => enabling.mutate()}>
          {t('admin.users.enable')}
        </Button>
      </div>
    </>
  );
}

/** Asked once more before it is done. */
function Disable({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const disabling = useMutation({
    mutationFn: () => call(usersApi.disable, { params: { id: user.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['users'] }),
  });
  if (!isAsking) {
    return (
      <div>
        <Button variant="default" onClick={() => setAsking(true)}>
          {t('admin.users.disable')}
        </Button>
      </div>
    );
  }
  return (
    <Stack gap="sm" role="alert">
      <Text size="sm">{t('admin.users.disableText', { name: user.name })}</Text>
      <ErrorNotice error={disabling.error} />
      <Group gap="sm">
        <Button color="red" loading={disabling.isPending} onClick={() => disabling.mutate()}>
          {t('admin.users.disable')}
        </Button>
        <Button variant="default" onClick={() => setAsking(false)}>
          {t('forms.cancel')}
        </Button>
      </Group>
    </Stack>
  );
}
