import { useTranslation } from 'react-i18next';
import { DateField } from '../../forms/date-field.js';
import { NumberField, PercentField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import type { TrialForm } from './drafts.js';
import { redrawnBy } from './redrawn-by.js';

/** When the trial runs, and the frame of its calculation. */
export const WhenSection = redrawnBy(
  ['plannedStartsOn', 'plannedEndsOn', 'investmentOn', 'horizonYears', 'discountRate'],
  DrawWhenSection,
);

function DrawWhenSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plan.section.when')} lead={t('plan.section.whenLead')}>
      <Fields>
        <DateField label={t('plan.field.startsOn')} withAsterisk {...form.getInputProps('plannedStartsOn')} />
        <DateField label={t('plan.field.endsOn')} withAsterisk {...form.getInputProps('plannedEndsOn')} />
        <DateField
          label={t('plan.field.investmentOn')}
          description={t('plan.field.investmentOnHint')}
          withAsterisk
          {...form.getInputProps('investmentOn')}
        />
      </Fields>
      <Fields>
        <NumberField
          label={t('plan.field.horizon')}
          description={t('benefitPlan.assumption')}
          unit={t('plan.field.years')}
          allowDecimal={false}
          withAsterisk
          {...form.getInputProps('horizonYears')}
        />
        <PercentField
          label={t('plan.field.discountRate')}
          description={t('plan.field.discountRateHint')}
          withAsterisk
          {...form.getInputProps('discountRate')}
        />
      </Fields>
    </Section>
  );
}
