import { CATEGORIES, CERTAINTIES, STAKEHOLDERS, TASK_KINDS } from '#domain';
import { NativeSelect, Switch, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { DateField } from '../../forms/date-field.js';
import { withoutErrorsUnder } from '../../forms/errors-under.js';
import { KronorField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import { defaultRuleOf, newBenefit, type TrialForm } from './drafts.js';
import { ListEditor } from './list-editor.js';
import { RuleFields } from './rule-fields.js';
import { redrawnBy } from './redrawn-by.js';

/** What the use should bring, and the rule that will measure it. */
export const BenefitSection = redrawnBy(['benefits', 'family', 'plannedStartsOn'], DrawBenefitSection);

function DrawBenefitSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const { family, benefits, plannedStartsOn } = form.values;
  return (
    <Section title={t('plan.section.benefit')} lead={t('plan.section.benefitLead')}>
      {family === null ? (
        <Text c="dimmed">{t('benefitPlan.benefit.chooseFamily')}</Text>
      ) : (
        <ListEditor
          count={benefits.length}
          nameOf={(index) => t('benefitPlan.benefit.name', { number: index + 1 })}
          addLabel={t('benefitPlan.benefit.add')}
          emptyText={t('benefitPlan.benefit.none')}
          onAdd={() => form.insertListItem('benefits', newBenefit(family, plannedStartsOn, locale))}
          onRemove={(index) => form.removeListItem('benefits', index)}
        >
          {(index) => <BenefitFields form={form} index={index} />}
        </ListEditor>
      )}
    </Section>
  );
}

function BenefitFields({ form, index }: { form: TrialForm; index: number }) {
  const { t } = useTranslation();
  const at = `benefits.${index}` as const;
  const options = <Value extends string>(values: readonly Value[], labelOf: (value: Value) => string) =>
    values.map((value) => ({ value, label: labelOf(value) }));
  return (
    <>
      <Fields>
        <TextInput
          label={t('benefitPlan.benefit.what')}
          description={t('benefitPlan.benefit.whatHint')}
          withAsterisk
          {...form.getInputProps(`${at}.name`)}
        />
        <KronorField
          label={t('benefitPlan.benefit.planned')}
          description={t('benefitPlan.benefit.plannedHint')}
          withAsterisk
          {...form.getInputProps(`${at}.plannedMonthOre`)}
        />
      </Fields>
      <Fields>
        <NativeSelect
          label={t('benefitPlan.category')}
          description={t(`benefitPlan.categoryHint.${form.values.benefits[index]?.category ?? 'financial'}`)}
          data={options(CATEGORIES, (value) => t(`words.category.${value}`))}
          {...form.getInputProps(`${at}.category`)}
        />
        <NativeSelect
          label={t('benefit.certainty')}
          description={t('benefitPlan.benefit.certaintyHint')}
          data={options(CERTAINTIES, (value) => t(`words.certainty.${value}`))}
          {...form.getInputProps(`${at}.certainty`)}
        />
      </Fields>
      <Fields>
        <NativeSelect
          label={t('benefitPlan.benefit.stakeholder')}
          data={options(STAKEHOLDERS, (value) => t(`benefitPlan.stakeholder.${value}`))}
          {...form.getInputProps(`${at}.stakeholder`)}
        />
        <NativeSelect
          label={t('benefitPlan.benefit.taskKind')}
          data={options(TASK_KINDS, (value) => t(`benefitPlan.taskKind.${value}`))}
          {...form.getInputProps(`${at}.taskKind`)}
        />
      </Fields>
      <Fields>
        <DateField label={t('benefitPlan.benefit.startsOn')} withAsterisk {...form.getInputProps(`${at}.startsOn`)} />
        <DateField
          label={t('benefitPlan.benefit.endsOn')}
          placeholder={t('plan.wholePeriod')}
          clearable
          {...form.getInputProps(`${at}.endsOn`)}
        />
      </Fields>
      <Textarea
        label={t('benefitPlan.benefit.action')}
        description={t('benefitPlan.benefit.actionHint')}
        autosize
        minRows={2}
        {...form.getInputProps(`${at}.realisationAction`)}
      />
      <LineRule form={form} index={index} />
    </>
  );
}

/** A line is measured by a rule, or confirmed by hand. */
function LineRule({ form, index }: { form: TrialForm; index: number }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const { family } = form.values;
  const rule = form.values.benefits[index]?.rule ?? null;
  if (family === null) return null;
  const at = `benefits.${index}.rule` as const;
  return (
    <>
      <Title order={3} size="h5" mt="xs">
        {t('benefitPlan.rule.title')}
      </Title>
      <Switch
        label={t('benefitPlan.rule.isMeasured')}
        description={t('benefitPlan.rule.isMeasuredHint')}
        checked={rule !== null}
        onChange={({ currentTarget }) =>
          form.setFieldValue(at, currentTarget.checked ? defaultRuleOf(family, locale) : null)
        }
      />
      {rule !== null && (
        <RuleFields
          family={family}
          rule={rule}
          errorOf={(field) => form.errors[`${at}.${field}`]}
          onChange={(next) => {
            form.setFieldValue(at, next);
            form.setErrors((errors) => withoutErrorsUnder(errors, at));
          }}
        />
      )}
    </>
  );
}
