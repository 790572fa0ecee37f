import { productsApi, type CallOf, type ProductView } from '#contracts';
import { Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { Form } from '../forms/form.js';
import { RegisterProduct } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { ProductFields, type ProductDraft } from './product-form.js';
import { productQuery } from './queries.js';

type Body = CallOf<typeof productsApi.edit>['body'];

const route = getRouteApi('/shell/products/$id/edit');

export function EditProductPage() {
  const { id } = route.useParams();
  const { data, error, refetch } = useQuery(productQuery(id));
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return data === undefined ? <Loading /> : <EditProduct product={data} />;
}

function draftOf({
  id: _id,
  devices: _devices,
  trials: _trials,
  createdAt: _createdAt,
  ...draft
}: ProductView): ProductDraft {
  return draft;
}

function EditProduct({ product }: { product: ProductView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { id } = product;
  const form = useSchemaForm<ProductDraft>(RegisterProduct, draftOf(product));
  const leave = () => void navigate({ to: '/products/$id', params: { id } });
  const saving = useMutation({
    mutationFn: (body: ProductDraft) => call(productsApi.edit, { params: { id }, body: body as Body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['products'] });
      leave();
    },
  });
  return (
    <>
      <PageTitle title={t('products.editTitle', { model: product.model })} />
      <Stack maw={860}>
        <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={leave}>
          <ProductFields form={form} />
        </Form>
      </Stack>
    </>
  );
}
