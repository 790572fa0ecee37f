import type { UserView } from '#contracts';
import { Badge, Button, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../../forms/search-field.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { EmptyState } from '../../parts/empty-state.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PageTitle } from '../../parts/page-title.js';
import { useMay } from '../../session.js';
import { usersQuery } from './queries.js';
import classes from './users-page.module.css';

const InviteDialog = lazy(() => import('./invite.js'));
const UserDialog = lazy(() => import('./user-dialog.js'));

/** People and what each may do where. */
export function UsersPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 250);
  const [isInviting, setInviting] = useState(false);
  const { data, error, refetch } = useQuery(usersQuery(asked));
  const invite = useMay('user:edit') && (
    <Button leftSection={<IconUserPlus size={18} aria-hidden />} onClick={() => setInviting(true)}>
      {t('admin.users.invite')}
    </Button>
  );
  return (
    <>
      <PageTitle title={t('admin.users.title')} lead={t('admin.users.lead')} actions={invite} />
      <Stack>
        <SearchField
          value={search}
          onChange={setSearch}
          placeholder={t('admin.users.searchHint')}
          total={data?.total}
        />
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />}
        {data !== undefined && data.total > 0 && <Users rows={data.rows} />}
      </Stack>
      <Suspense fallback={null}>{isInviting && <InviteDialog onClose={() => setInviting(false)} />}</Suspense>
    </>
  );
}

function Users({ rows }: { rows: UserView[] }) {
  const { t } = useTranslation();
  const mayEdit = useMay('user:edit');
  const [opened, setOpened] = useState<string | null>(null);
  const user = rows.find(({ id }) => id === opened);
  const columns = useColumns(mayEdit ? (id) => setOpened(id) : undefined);
  return (
    <>
      <DataTable
        caption={t('admin.users.title')}
        rows={rows}
        columns={columns}
        rowKey={({ id }) => id}
        sortedBy={{ id: 'name', desc: false }}
      />
      <Suspense fallback={null}>
        {user !== undefined && <UserDialog user={user} onClose={() => setOpened(null)} />}
      </Suspense>
    </>
  );
}

function useColumns(onOpen: ((id: string) => void) | undefined): Column<UserView>[] {
  const { t } = useTranslation();
  const manage = ({ id, name }: UserView) => (
    <Button size="xs" variant="default" onClick={() => onOpen?.(id)} aria-label={`${t('admin.users.manage')}: ${name}`}>
      {t('admin.users.manage')}
    </Button>
  );
  return [
    {
      id: 'name',
      header: t('admin.users.name'),
      isRowHeader: true,
      value: ({ name }) => name,
      cell: ({ name, email }) => (
        <div>
          {name}
          <Text size="sm" c="dimmed">
            {email}
          </Text>
        </div>
      ),
    },
    {
      id: 'status',
      header: t('admin.users.status'),
      value: ({ status }) => status,
      cell: ({ status }) => <Status status={status} />,
    },
    { id: 'grants', header: t('admin.users.grants'), cell: (user) => <Grants user={user} /> },
    ...(onOpen === undefined ? [] : [{ id: 'manage', header: t('forms.actions'), cell: manage }]),
  ];
}

function Status({ status }: { status: UserView['status'] }) {
  const { t } = useTranslation();
  return (
    <Badge variant="default" radius="sm" className={classes.status} data-status={status}>
      {t(`admin.users.statuses.${status}`)}
    </Badge>
  );
}

function Grants({ user }: { user: UserView }) {
  const { t } = useTranslation();
  if (user.grants.length === 0) return t('admin.users.noGrants');
  return (
    <ul className={classes.grants}>
      {user.grants.map(({ id, role, on }) => (
        <li key={id}>
          {t(`words.role.${role}`)}{' '}
          <Text span size="sm" c="dimmed">
            {on}
          </Text>
        </li>
      ))}
    </ul>
  );
}
