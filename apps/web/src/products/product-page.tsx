import type { ProductView } from '#contracts';
import { FAMILIES } from '#domain';
import { Stack } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { DevicesTable } from '../devices/devices-table.js';
import { devicesQuery } from '../devices/queries.js';
import { useFormat } from '../format.js';
import { Facts } from '../forms/facts.js';
import { Section } from '../forms/section.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { ProductMappings } from './mapping-list.js';
import { productQuery } from './queries.js';

const route = getRouteApi('/shell/products/$id');

export function ProductPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(productQuery(id));
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Loading /> : <Product product={data} />;
}

function Product({ product }: { product: ProductView }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const edit = (
    <ButtonLink
      to="/products/$id/edit"
      params={{ id: product.id }}
      variant="default"
      leftSection={<IconPencil size={18} aria-hidden />}
    >
      {t('forms.edit')}
    </ButtonLink>
  );
  return (
    <>
      <PageTitle
        title={product.model}
        lead={`${FAMILIES[product.family].name[locale]} · ${product.supplier}`}
        actions={useMay('product:edit') ? edit : undefined}
      />
      <Stack>
        <ProductFacts product={product} />
        <ProductMappings product={product} />
        <ProductDevices product={product} />
      </Stack>
    </>
  );
}

function ProductFacts({ product }: { product: ProductView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const licences =
    product.licenceCount === null ? null : t('forms.pieces', { amount: format.number(product.licenceCount) });
  return (
    <Section title={t('products.facts')}>
      <Facts
        rows={[
          { label: t('products.priceOnce'), value: format.price(product.priceOnceOre) },
          {
            label: t('products.priceMonth'),
            value: t('products.perMonth', { amount: format.price(product.priceMonthOre) }),
          },
          { label: t('products.licences'), value: licences },
          { label: t('products.contract'), value: product.contractReference },
          { label: t('products.mdrClass'), value: t(`products.mdr.${product.mdrClass}`) },
          { label: t('products.ceMarked'), value: t(product.ceMarked ? 'forms.yes' : 'forms.no') },
          { label: t('products.openness'), value: t(`products.interface.${product.interfaceOpenness}`) },
          { label: t('products.trials'), value: t('forms.pieces', { amount: format.number(product.trials) }) },
          { label: t('products.purpose'), value: product.intendedPurpose },
        ]}
      />
    </Section>
  );
}

function ProductDevices({ product }: { product: ProductView }) {
  const { t } = useTranslation();
  const mayRegister = useMay('device:edit');
  const { data, error, refetch } = useQuery(devicesQuery({ productId: product.id }));
  const register = (
    <ButtonLink to="/devices/new" search={{ product: product.id }} variant="default">
      {t('devices.register')}
    </ButtonLink>
  );
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <Loading />;
  if (data.total === 0) {
    const text = t(mayRegister ? 'products.noDevicesExplained' : 'devices.noneReader');
    return <EmptyState title={t('products.noDevices')} text={text} action={mayRegister && register} />;
  }
  return <DevicesTable rows={data.rows} caption={t('products.itsDevices', { model: product.model })} showCaption />;
}
