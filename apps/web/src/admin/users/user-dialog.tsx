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
  if (user.status === 'disabled') return <Text c="dimmed">{t('admin.users.isDisabled')}</Text>;
  return (
    <>
      <Title order={3} size="h5">
        {t('admin.users.account')}
      </Title>
      {user.status === 'invited' && <RenewInvitation user={user} />}
      <Disable user={user} />
    </>
  );
}

function RenewInvitation({ user }: { user: UserView }) {
  const { t } = useTranslation();
  const renewing = useMutation({ mutationFn: () => call(usersApi.renewInvitation, { params: { id: user.id } }) });
  if (renewing.data !== undefined)
    return <InvitationLink {...renewing.data} name={user.name} onDone={renewing.reset} />;
  return (
    <>
      <ErrorNotice error={renewing.error} />
      <div>
        <Button variant="default" loading={renewing.isPending} onClick={() => renewing.mutate()}>
          {t('admin.users.renew')}
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
