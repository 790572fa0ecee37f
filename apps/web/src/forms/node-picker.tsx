import { organisationApi, type NodeView } from '#contracts';
import { isValidOn, type NodeKind } from '#domain';
import { MultiSelect, Select, Text, type ComboboxItem, type MultiSelectProps, type SelectProps } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useToday } from './use-today.js';

/** The nodes in one's scope and those above them. */
export const nodesQuery = queryOptions({
  queryKey: ['organisation', 'nodes'],
  queryFn: () => call(organisationApi.list, { query: {} }),
  staleTime: 60_000,
});

interface NodeOption extends ComboboxItem {
  depth: number;
  kind: NodeKind;
  /** Names from the top down, to search in and to tell two "Plan 2" apart. */
  path: string;
}

/** Parents before children, siblings by name: the tree as a list. */
export function inTreeOrder(nodes: readonly NodeView[]): NodeView[] {
  const ids = new Set(nodes.map(({ id }) => id));
  const parentOf = ({ parentId }: NodeView) => (parentId !== null && ids.has(parentId) ? parentId : null);
  const below = (parent: string | null): NodeView[] =>
    nodes
      .filter((node) => parentOf(node) === parent)
      .sort((one, other) => one.name.localeCompare(other.name, 'sv', { numeric: true }))
      .flatMap((node) => [node, ...below(node.id)]);
  return below(null);
}

function optionsOf(nodes: readonly NodeView[], kinds: readonly NodeKind[] | undefined, today: string): NodeOption[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const namesOf = (node: NodeView): string[] => {
    const parent = byId.get(node.parentId ?? '');
    return [...(parent === undefined ? [] : namesOf(parent)), node.name];
  };
  return inTreeOrder(nodes)
    .filter((node) => isValidOn(node, today))
    .map((node) => {
      const names = namesOf(node);
      const disabled = kinds !== undefined && !kinds.includes(node.kind);
      return {
        value: node.id,
        label: node.name,
        kind: node.kind,
        depth: names.length - 1,
        path: names.join(' › '),
        disabled,
      };
    });
}

/** The current nodes as options; those of other kinds stay as headings that cannot be chosen. */
function useNodeOptions(kinds: readonly NodeKind[] | undefined): NodeOption[] {
  const { data } = useQuery(nodesQuery);
  const today = useToday();
  return useMemo(() => optionsOf(data ?? [], kinds, today), [data, kinds, today]);
}

/** What matches by any name on its path, in the order of the tree. */
const filterByPath = ({ options, search }: { options: readonly unknown[]; search: string }): NodeOption[] => {
  const words = search.toLocaleLowerCase('sv').split(/\s+/).filter(Boolean);
  return (options as NodeOption[]).filter(({ path }) =>
    words.every((word) => path.toLocaleLowerCase('sv').includes(word)),
  );
};

function NodeChoice({ option }: { option: NodeOption }) {
  const { t } = useTranslation();
  return (
    <div style={{ paddingInlineStart: option.depth * 14 }}>
      <span>{option.label}</span>{' '}
      <Text span size="xs" opacity={0.8}>
        {t(`words.nodeKind.${option.kind}`)}
      </Text>
    </div>
  );
}

interface Choosable {
  /** The kinds that can be chosen; all when left out. */
  kinds?: readonly NodeKind[] | undefined;
}

/** Chooses one node of the organisation: type to search by any name on its path, or walk the tree with the arrows. */
export function NodePicker({ kinds, ...props }: Choosable & Omit<SelectProps, 'data' | 'filter' | 'renderOption'>) {
  const { t } = useTranslation();
  const options = useNodeOptions(kinds);
  return (
    <Select
      searchable
      nothingFoundMessage={t('forms.nothingFound')}
      placeholder={t('forms.searchUnit')}
      {...props}
      data={options}
      filter={filterByPath}
      renderOption={({ option }) => <NodeChoice option={option as NodeOption} />}
    />
  );
}

/** Chooses several nodes of the organisation. */
export function NodesPicker({
  kinds,
  ...props
}: Choosable & Omit<MultiSelectProps, 'data' | 'filter' | 'renderOption'>) {
  const { t } = useTranslation();
  const options = useNodeOptions(kinds);
  return (
    <MultiSelect
      searchable
      clearable
      nothingFoundMessage={t('forms.nothingFound')}
      placeholder={t('forms.searchUnit')}
      {...props}
      data={options}
      filter={filterByPath}
      renderOption={({ option }) => <NodeChoice option={option as NodeOption} />}
    />
  );
}
