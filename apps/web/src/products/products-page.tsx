import type { ProductView } from '#contracts';
import { FAMILIES } from '#domain';
import { Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { SearchField } from '../forms/search-field.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink, TextLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { productsQuery } from './queries.js';

/** The municipality's products. */
export function ProductsPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery(productsQuery(asked));
  return (
    <>
      <PageTitle title={t('products.title')} lead={t('products.lead')} actions={<RegisterLink />} />
      <Stack>
        <SearchField value={search} onChange={setSearch} placeholder={t('products.searchHint')} total={data?.total} />
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data !== undefined && <Products rows={data.rows} isSearch={asked !== ''} />}
      </Stack>
    </>
  );
}

function RegisterLink() {
  const { t } = useTranslation();
  if (!useMay('product:edit')) return null;
  return (
    <ButtonLink to="/products/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('products.register')}
    </ButtonLink>
  );
}

function Products({ rows, isSearch }: { rows: ProductView[]; isSearch: boolean }) {
  const { t } = useTranslation();
  const columns = useColumns();
  const mayEdit = useMay('product:edit');
  if (rows.length === 0 && isSearch) return <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />;
  if (rows.length === 0) {
    const text = t(mayEdit ? 'products.noneExplained' : 'products.noneReader');
    return <EmptyState title={t('products.none')} text={text} action={<RegisterLink />} />;
  }
  return (
    <DataTable
      caption={t('products.title')}
      rows={rows}
      columns={columns}
      rowKey={({ id }) => id}
      sortedBy={{ id: 'model', desc: false }}
    />
  );
}

function useColumns(): Column<ProductView>[] {
  const { t } = useTranslation();
  const format = useFormat();
  const familyOf = ({ family }: ProductView) => FAMILIES[family].name[format.locale];
  return [
    {
      id: 'model',
      header: t('products.model'),
      isRowHeader: true,
      value: ({ model }) => model,
      cell: ({ id, model }) => (
        <TextLink to="/products/$id" params={{ id }}>
          {model}
        </TextLink>
      ),
    },
    {
      id: 'supplier',
      header: t('products.supplier'),
      value: ({ supplier }) => supplier,
      cell: ({ supplier }) => supplier,
    },
    { id: 'family', header: t('products.family'), value: familyOf, cell: familyOf },
    {
      id: 'once',
      header: t('products.priceOnce'),
      align: 'end',
      value: ({ priceOnceOre }) => priceOnceOre,
      cell: ({ priceOnceOre }) => format.price(priceOnceOre),
    },
    {
      id: 'month',
      header: t('products.priceMonth'),
      align: 'end',
      value: ({ priceMonthOre }) => priceMonthOre,
      cell: ({ priceMonthOre }) => t('products.perMonth', { amount: format.price(priceMonthOre) }),
    },
    {
      id: 'devices',
      header: t('products.devices'),
      align: 'end',
      value: ({ devices }) => devices,
      cell: ({ devices }) => t('forms.pieces', { amount: format.number(devices) }),
    },
    {
      id: 'trials',
      header: t('products.trials'),
      align: 'end',
      value: ({ trials }) => trials,
      cell: ({ trials }) => t('forms.pieces', { amount: format.number(trials) }),
    },
  ];
}
