import { FAMILIES, FAMILY_CODES, INITIATIVE_TYPES, type FamilyCode } from '#domain';
import { NativeSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { withoutErrorsUnder } from '../../forms/errors-under.js';
import { Fields, Section } from '../../forms/section.js';
import { productsQuery } from '../../products/queries.js';
import { newBenefit, type TrialForm } from './drafts.js';
import { SimilarTrials } from './similar-trials.js';
import { redrawnBy } from './redrawn-by.js';

/** What the trial is for, and of what. */
export const NeedSection = redrawnBy(
  ['title', 'need', 'family', 'productId', 'initiativeType', 'caseReference', 'plannedStartsOn'],
  DrawNeedSection,
);

function DrawNeedSection({ form, isFamilyFixed = false }: { form: TrialForm; isFamilyFixed?: boolean }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plan.section.need')} lead={t('plan.section.needLead')}>
      <TextInput
        label={t('plan.field.title')}
        description={t('plan.field.titleHint')}
        withAsterisk
        {...form.getInputProps('title')}
      />
      <Textarea
        label={t('plan.field.need')}
        description={t('plan.field.needHint')}
        autosize
        minRows={3}
        {...form.getInputProps('need')}
      />
      <Fields>
        <FamilyChoice form={form} isFixed={isFamilyFixed} />
        <ProductChoice form={form} />
      </Fields>
      {!isFamilyFixed && form.values.family !== null && (
        <SimilarTrials family={form.values.family} productId={form.values.productId} />
      )}
      <Fields>
        <NativeSelect
          label={t('plan.field.initiativeType')}
          data={INITIATIVE_TYPES.map((value) => ({ value, label: t(`plan.initiativeType.${value}`) }))}
          {...form.getInputProps('initiativeType')}
        />
        <TextInput label={t('plan.field.caseReference')} {...form.getInputProps('caseReference')} />
      </Fields>
    </Section>
  );
}

/** The family decides what is measured: choosing another one begins the benefit line anew from that family's rule. */
function FamilyChoice({ form, isFixed }: { form: TrialForm; isFixed: boolean }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const choose = (family: FamilyCode | null): void => {
    form.setFieldValue('family', family);
    form.setFieldValue('productId', null);
    form.setFieldValue('benefits', family === null ? [] : [newBenefit(family, form.values.plannedStartsOn, locale)]);
    form.setErrors((errors) => withoutErrorsUnder(withoutErrorsUnder(errors, 'benefits'), 'family'));
  };
  return (
    <Select
      label={t('plan.field.family')}
      description={t(isFixed ? 'plan.field.familyFixed' : 'plan.field.familyHint')}
      data={FAMILY_CODES.map((code) => ({ value: code, label: FAMILIES[code].name[locale] }))}
      withAsterisk
      allowDeselect={false}
      readOnly={isFixed}
      value={form.values.family}
      error={form.errors['family']}
      onChange={choose}
    />
  );
}

function ProductChoice({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  const { data } = useQuery(productsQuery());
  const fitting = data?.rows.filter(({ family }) => family === form.values.family) ?? [];
  return (
    <Select
      label={t('plan.field.product')}
      description={t('plan.field.productHint')}
      data={fitting.map(({ id, model, supplier }) => ({ value: id, label: `${model} · ${supplier}` }))}
      disabled={form.values.family === null}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('forms.clear') }}
      nothingFoundMessage={t('plan.field.noProduct')}
      {...form.getInputProps('productId')}
    />
  );
}
