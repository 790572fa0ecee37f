import { productsApi, type CallOf } from '#contracts';
import { Stack } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { Form } from '../forms/form.js';
import { RestoredDraft } from '../forms/restored-draft.js';
import { RegisterProduct } from '../forms/schemas.js';
import { useDraft } from '../forms/use-draft.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { PageTitle } from '../parts/page-title.js';
import { EMPTY_PRODUCT, ProductFields, type ProductDraft } from './product-form.js';

type Body = CallOf<typeof productsApi.register>['body'];

export function RegisterProductPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useSchemaForm<ProductDraft>(RegisterProduct, EMPTY_PRODUCT);
  const draft = useDraft(form, 'product');
  const saving = useMutation({
    mutationFn: (body: ProductDraft) => call(productsApi.register, { body: body as Body }),
    onSuccess: async ({ id }) => {
      draft.forget();
      await queryClient.invalidateQueries({ queryKey: ['products'] });
      await navigate({ to: '/products/$id', params: { id } });
    },
  });
  const discard = () => {
    draft.forget();
    form.setValues(EMPTY_PRODUCT);
  };
  return (
    <>
      <PageTitle title={t('products.register')} lead={t('products.registerLead')} />
      <Stack maw={860}>
        <RestoredDraft isShown={draft.isRestored} onDiscard={discard} />
        <Form
          form={form}
          saving={saving}
          submitLabel={t('products.register')}
          onCancel={() => void navigate({ to: '/products' })}
        >
          <ProductFields form={form} />
        </Form>
      </Stack>
    </>
  );
}
