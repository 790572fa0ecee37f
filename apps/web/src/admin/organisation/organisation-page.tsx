import type { NodeView } from '#contracts';
import { childKindsOf, isValidOn } from '#domain';
import { Button, Group, Stack, Switch, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { nodesQuery } from '../../forms/node-picker.js';
import { SearchField } from '../../forms/search-field.js';
import { useToday } from '../../forms/use-today.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PageTitle } from '../../parts/page-title.js';
import { useMay } from '../../session.js';
import { matching, OrganisationTree } from './organisation-tree.js';

const AddNodeDialog = lazy(() => import('./add-node.js'));
const EditNodeDialog = lazy(() => import('./edit-node.js'));

type Doing = { kind: 'add' | 'edit'; node: NodeView } | null;

/** The organisation as a tree: what everything else hangs on. */
export function OrganisationPage() {
  const { t } = useTranslation();
  const today = useToday();
  const { data, error, refetch } = useQuery(nodesQuery);
  const [search, setSearch] = useState('');
  const [isPastShown, setPastShown] = useState(false);
  const [doing, setDoing] = useState<Doing>(null);
  const current = data?.filter((node) => isPastShown || isValidOn(node, today) || node.validFrom > today);
  const shown = current && matching(current, search);
  const close = () => setDoing(null);
  return (
    <>
      <PageTitle title={t('admin.organisation.title')} lead={t('admin.organisation.lead')} />
      <Stack>
        <SearchField
          value={search}
          onChange={setSearch}
          placeholder={t('admin.organisation.searchHint')}
          total={shown?.length}
        >
          <Switch
            label={t('admin.organisation.showPast')}
            checked={isPastShown}
            onChange={({ currentTarget }) => setPastShown(currentTarget.checked)}
            pb={8}
          />
        </SearchField>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {shown !== undefined && (
          <OrganisationTree nodes={shown} actions={(node) => <NodeActions node={node} onDo={setDoing} />} />
        )}
        {current?.length === 1 && <Text c="dimmed">{t('admin.organisation.onlyRoot')}</Text>}
      </Stack>
      <Suspense fallback={null}>
        {doing?.kind === 'add' && <AddNodeDialog parent={doing.node} onClose={close} />}
        {doing?.kind === 'edit' && <EditNodeDialog node={doing.node} onClose={close} />}
      </Suspense>
    </>
  );
}

function NodeActions({ node, onDo }: { node: NodeView; onDo: (doing: Doing) => void }) {
  const { t } = useTranslation();
  if (!useMay('organisation:edit')) return null;
  return (
    <Group gap={6} wrap="nowrap" className="no-print">
      {childKindsOf(node.kind).length > 0 && (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => onDo({ kind: 'add', node })}
          aria-label={t('admin.organisation.addBelow', { name: node.name })}
        >
          {t('admin.organisation.add')}
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => onDo({ kind: 'edit', node })}
        aria-label={t('admin.organisation.editNode', { name: node.name })}
      >
        {t('forms.edit')}
      </Button>
    </Group>
  );
}
