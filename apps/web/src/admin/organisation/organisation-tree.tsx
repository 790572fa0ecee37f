import type { NodeView } from '#contracts';
import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { inTreeOrder } from '../../forms/node-picker.js';
import classes from './organisation-tree.module.css';

interface OrganisationTreeProps {
  nodes: NodeView[];
  actions: (node: NodeView) => ReactNode;
}

/** What matches, with everything above it, so that a hit keeps its place in the tree. */
export function matching(nodes: NodeView[], search: string): NodeView[] {
  const wanted = search.trim().toLocaleLowerCase('sv');
  const hits = nodes.filter(({ name }) => name.toLocaleLowerCase('sv').includes(wanted));
  const kept = new Set(hits.flatMap(({ id, path }) => [id, ...path]));
  return nodes.filter(({ id }) => kept.has(id));
}

/** Nested lists: a screen reader tells the depth, the eye sees the indent, and every node has its own buttons. */
export function OrganisationTree({ nodes, actions }: OrganisationTreeProps) {
  const { t } = useTranslation();
  const shown = inTreeOrder(nodes);
  const ids = new Set(shown.map(({ id }) => id));
  const roots = shown.filter(({ parentId }) => parentId === null || !ids.has(parentId));
  if (roots.length === 0) return <Text c="dimmed">{t('forms.nothingFound')}</Text>;
  return (
    <div className={classes.frame}>
      <Branch nodes={roots} all={shown} actions={actions} />
    </div>
  );
}

function Branch({
  nodes,
  all,
  actions,
}: {
  nodes: NodeView[];
  all: NodeView[];
  actions: OrganisationTreeProps['actions'];
}) {
  return (
    <ul className={classes.branch}>
      {nodes.map((node) => {
        const children = all.filter(({ parentId }) => parentId === node.id);
        return (
          <li key={node.id}>
            <NodeRow node={node} actions={actions(node)} />
            {children.length > 0 && <Branch nodes={children} all={all} actions={actions} />}
          </li>
        );
      })}
    </ul>
  );
}

function NodeRow({ node, actions }: { node: NodeView; actions: ReactNode }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className={classes.row}>
      <div className={classes.name}>
        {node.name}{' '}
        <Text span size="sm" c="dimmed">
          {t(`words.nodeKind.${node.kind}`)}
          {node.validTo !== null && ` · ${t('admin.organisation.closes', { date: format.date(node.validTo) })}`}
        </Text>
      </div>
      {actions}
    </div>
  );
}
