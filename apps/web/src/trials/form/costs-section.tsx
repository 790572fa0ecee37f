import { CATEGORIES, COST_KINDS } from '#domain';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { DateField } from '../../forms/date-field.js';
import { withoutErrorsUnder } from '../../forms/errors-under.js';
import { KronorField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import { productsQuery } from '../../products/queries.js';
import { newCost, type TrialForm } from './drafts.js';
import { ListEditor } from './list-editor.js';
import { redrawnBy } from './redrawn-by.js';

/** What it costs, once and while it goes on. */
export const CostsSection = redrawnBy(['costs', 'investmentOn', 'productId'], DrawCostsSection);

function DrawCostsSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plan.section.costs')} lead={t('plan.section.costsLead')} actions={<FromProduct form={form} />}>
      <ListEditor
        count={form.values.costs.length}
        nameOf={(index) => t('plan.cost.name', { number: index + 1 })}
        addLabel={t('plan.cost.add')}
        emptyText={t('plan.cost.none')}
        onAdd={() => form.insertListItem('costs', newCost(form.values.investmentOn))}
        onRemove={(index) => form.removeListItem('costs', index)}
      >
        {(index) => <CostFields form={form} index={index} />}
      </ListEditor>
    </Section>
  );
}

/** Takes the chosen product's prices as cost lines, for one device: the number is the applicant's to fill in. */
function FromProduct({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  const { data } = useQuery(productsQuery());
  const product = data?.rows.find(({ id }) => id === form.values.productId);
  if (product === undefined) return null;
  const base = newCost(form.values.investmentOn);
  const lines = [
    { ...base, name: t('plan.cost.purchaseOf', { model: product.model }), amountOre: product.priceOnceOre },
    {
      ...base,
      name: t('plan.cost.subscriptionOf', { model: product.model }),
      kind: 'monthly' as const,
      amountOre: product.priceMonthOre,
    },
  ].filter(({ amountOre }) => amountOre > 0);
  const take = () => {
    const begun = form.values.costs.filter(({ name, amountOre }) => name !== '' || amountOre !== null);
    form.setFieldValue('costs', [...begun, ...lines]);
    form.setErrors((errors) => withoutErrorsUnder(errors, 'costs'));
  };
  return (
    <Button size="xs" variant="default" onClick={take} disabled={lines.length === 0}>
      {t('plan.cost.fromProduct')}
    </Button>
  );
}

function CostFields({ form, index }: { form: TrialForm; index: number }) {
  const { t } = useTranslation();
  const at = `costs.${index}` as const;
  const isOnce = form.values.costs[index]?.kind === 'one_off';
  return (
    <>
      <Fields>
        <TextInput label={t('plan.cost.what')} withAsterisk {...form.getInputProps(`${at}.name`)} />
        <KronorField label={t('plan.cost.amount')} withAsterisk {...form.getInputProps(`${at}.amountOre`)} />
      </Fields>
      <Fields>
        <NativeSelect
          label={t('plan.cost.kind')}
          data={COST_KINDS.map((value) => ({ value, label: t(`plan.costKind.${value}`) }))}
          {...form.getInputProps(`${at}.kind`)}
        />
        <NativeSelect
          label={t('benefitPlan.category')}
          data={CATEGORIES.map((value) => ({ value, label: t(`words.category.${value}`) }))}
          {...form.getInputProps(`${at}.category`)}
        />
      </Fields>
      <Fields>
        <DateField
          label={t(isOnce ? 'plan.cost.paidOn' : 'plan.cost.startsOn')}
          withAsterisk
          {...form.getInputProps(`${at}.startsOn`)}
        />
        {!isOnce && (
          <DateField
            label={t('plan.cost.endsOn')}
            placeholder={t('plan.wholePeriod')}
            clearable
            {...form.getInputProps(`${at}.endsOn`)}
          />
        )}
      </Fields>
    </>
  );
}
