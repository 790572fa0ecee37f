import type { ProductView } from '#contracts';
import { FAMILIES, FAMILY_CODES, INTERFACE_OPENNESS, MDR_CLASSES } from '#domain';
import { NativeSelect, Select, Switch, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { KronorField, NumberField } from '../forms/number-field.js';
import { Fields, Section } from '../forms/section.js';

/** A product as it is being written: the family is not chosen yet, and a cleared price is empty. */
export type ProductDraft = Omit<
  ProductView,
  'id' | 'devices' | 'trials' | 'createdAt' | 'family' | 'priceOnceOre' | 'priceMonthOre'
> & {
  family: ProductView['family'] | null;
  priceOnceOre: number | null;
  priceMonthOre: number | null;
};

export const EMPTY_PRODUCT: ProductDraft = {
  family: null,
  supplier: '',
  model: '',
  priceOnceOre: 0,
  priceMonthOre: 0,
  mdrClass: 'none',
  ceMarked: false,
  intendedPurpose: '',
  interfaceOpenness: 'unknown',
  contractReference: '',
  licenceCount: null,
};

type ProductForm = UseFormReturnType<ProductDraft>;

export function ProductFields({ form }: { form: ProductForm }) {
  return (
    <>
      <Identity form={form} />
      <Price form={form} />
      <Compliance form={form} />
    </>
  );
}

function Identity({ form }: { form: ProductForm }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const families = FAMILY_CODES.map((code) => ({ value: code, label: FAMILIES[code].name[locale] }));
  return (
    <Section title={t('products.what')}>
      <Fields>
        <Select
          label={t('products.family')}
          description={t('products.familyHint')}
          data={families}
          withAsterisk
          allowDeselect={false}
          {...form.getInputProps('family')}
        />
        <TextInput
          label={t('products.supplier')}
          description={t('products.supplierHint')}
          withAsterisk
          {...form.getInputProps('supplier')}
        />
        <TextInput
          label={t('products.model')}
          description={t('products.modelHint')}
          withAsterisk
          {...form.getInputProps('model')}
        />
      </Fields>
    </Section>
  );
}

function Price({ form }: { form: ProductForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('products.prices')} lead={t('products.pricesHint')}>
      <Fields>
        <KronorField label={t('products.priceOnce')} withAsterisk {...form.getInputProps('priceOnceOre')} />
        <KronorField label={t('products.priceMonth')} withAsterisk {...form.getInputProps('priceMonthOre')} />
        <NumberField
          label={t('products.licences')}
          unit={t('forms.pieceUnit')}
          allowDecimal={false}
          allowNegative={false}
          {...form.getInputProps('licenceCount')}
        />
      </Fields>
      <TextInput
        label={t('products.contract')}
        description={t('products.contractHint')}
        {...form.getInputProps('contractReference')}
      />
    </Section>
  );
}

function Compliance({ form }: { form: ProductForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('products.compliance')}>
      <Fields>
        <NativeSelect
          label={t('products.mdrClass')}
          data={MDR_CLASSES.map((value) => ({ value, label: t(`products.mdr.${value}`) }))}
          {...form.getInputProps('mdrClass')}
        />
        <NativeSelect
          label={t('products.openness')}
          data={INTERFACE_OPENNESS.map((value) => ({ value, label: t(`products.interface.${value}`) }))}
          {...form.getInputProps('interfaceOpenness')}
        />
      </Fields>
      <Switch label={t('products.ceMarked')} {...form.getInputProps('ceMarked', { type: 'checkbox' })} />
      <Textarea
        label={t('products.purpose')}
        description={t('products.purposeHint')}
        autosize
        minRows={3}
        {...form.getInputProps('intendedPurpose')}
      />
    </Section>
  );
}
