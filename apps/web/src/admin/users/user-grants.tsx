import { usersApi, type GrantView, type UserView } from '#contracts';
import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { useFormat } from '../../format.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { useSession } from '../../session.js';
import classes from './user-grants.module.css';

/** Each role with its span; ending one takes a second press, and takes hold at once. */
export function UserGrants({ user }: { user: UserView }) {
  const { t } = useTranslation();
  if (user.grants.length === 0) return <Text c="dimmed">{t('admin.users.noGrants')}</Text>;
  return (
    <ul className={classes.grants}>
      {user.grants.map((grant) => (
        <Grant key={grant.id} user={user} grant={grant} />
      ))}
    </ul>
  );
}

function Grant({ user, grant }: { user: UserView; grant: GrantView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const to = grant.endsAt === null ? t('admin.users.untilFurther') : format.dateTime(grant.endsAt);
  const isYou = useSession().user.id === user.id;
  return (
    <li className={classes.grant}>
      <div>
        {t(`words.role.${grant.role}`)}, {grant.on}
        <Text size="sm" c="dimmed">
          {format.dateTime(grant.startsAt)} – {to}
        </Text>
      </div>
      {!isYou && <EndGrant user={user} grant={grant} />}
    </li>
  );
}

function EndGrant({ user, grant }: { user: UserView; grant: GrantView }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const ending = useMutation({
    mutationFn: () => call(usersApi.endGrant, { params: { id: user.id, grantId: grant.id } }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['users'] }),
  });
  const name = `${t(`words.role.${grant.role}`)}, ${grant.on}`;
  const press = () => (isAsking ? ending.mutate() : setAsking(true));
  return (
    <div>
      <Button
        size="xs"
        loading={ending.isPending}
        onClick={press}
        onBlur={() => setAsking(false)}
        aria-label={t(isAsking ? 'admin.users.endGrantSure' : 'admin.users.endGrant', { name })}
        {...(isAsking ? { color: 'red' } : { variant: 'default' })}
      >
        {t(isAsking ? 'admin.users.endSure' : 'admin.users.end')}
      </Button>
      <ErrorNotice error={ending.error} />
    </div>
  );
}
