import { REJECT_CODES, REPLAY_STATES } from '#contracts';
import { addDays, dayBounds } from '#domain';
import { NativeSelect, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { DateField } from '../forms/date-field.js';
import { NodePicker } from '../forms/node-picker.js';
import { Fields } from '../forms/section.js';
import { productsQuery } from '../products/queries.js';
import { useMay } from '../session.js';

/** What the list, the groups and the chart are narrowed to; days are the municipality's, both included. */
export interface Filter {
  code: string;
  productId: string | null;
  nodeId: string | null;
  fromDay: string | null;
  toDay: string | null;
  outcome: Outcome | '';
}

type Outcome = (typeof REPLAY_STATES)[number];

export const NO_FILTER: Filter = { code: '', productId: null, nodeId: null, fromDay: null, toDay: null, outcome: '' };

/** The part that counts can be narrowed by, as the API asks for it. */
export function countedBy({ code, productId, nodeId, fromDay, toDay }: Filter, zone: string) {
  return {
    ...(code !== '' && { code }),
    ...(productId !== null && { productId }),
    ...(nodeId !== null && { nodeId }),
    ...(fromDay !== null && { from: new Date(dayBounds(fromDay, zone).from).toISOString() }),
    ...(toDay !== null && { to: new Date(dayBounds(addDays(toDay, 1), zone).from).toISOString() }),
  };
}

interface RejectFilterProps {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/** Reason, product, unit, days and what a replay made of them. */
export function RejectFilterFields({ filter, onChange }: RejectFilterProps) {
  const { t } = useTranslation();
  const set = (part: Partial<Filter>) => onChange({ ...filter, ...part });
  const all = { value: '', label: t('forms.all') };
  const codes = REJECT_CODES.map((code) => ({ value: code, label: t(`rejects.reason.${code}`) }));
  const outcomes = REPLAY_STATES.map((value) => ({ value, label: t(`rejects.outcomes.${value}`) }));
  return (
    <Fields>
      <NativeSelect
        label={t('rejects.code')}
        data={[all, ...codes]}
        value={filter.code}
        onChange={({ currentTarget }) => set({ code: currentTarget.value })}
      />
      {useMay('product:read') && (
        <ProductChoice value={filter.productId} onChange={(productId) => set({ productId })} />
      )}
      <NodePicker
        label={t('rejects.unit')}
        clearable
        clearButtonProps={{ 'aria-label': t('forms.clear') }}
        value={filter.nodeId}
        onChange={(nodeId) => set({ nodeId })}
      />
      <DateField label={t('rejects.fromDay')} value={filter.fromDay} onChange={(fromDay) => set({ fromDay })} />
      <DateField label={t('rejects.toDay')} value={filter.toDay} onChange={(toDay) => set({ toDay })} />
      <NativeSelect
        label={t('rejects.outcome')}
        data={[all, ...outcomes]}
        value={filter.outcome}
        onChange={({ currentTarget }) =>
          set({ outcome: REPLAY_STATES.find((one) => one === currentTarget.value) ?? '' })
        }
      />
    </Fields>
  );
}

function ProductChoice({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { t } = useTranslation();
  const products = useQuery(productsQuery()).data?.rows ?? [];
  return (
    <Select
      label={t('rejects.product')}
      placeholder={t('forms.all')}
      data={products.map(({ id, model, supplier }) => ({ value: id, label: `${model} · ${supplier}` }))}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('forms.clear') }}
      nothingFoundMessage={t('forms.nothingFound')}
      value={value}
      onChange={onChange}
    />
  );
}
