import { useTranslation } from 'react-i18next';
import { DateField } from '../../forms/date-field.js';
import { NumberField, PercentField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import type { TrialForm } from './drafts.js';

/** When the trial runs, and the frame of its calculation. */
export function WhenSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('trials.section.when')} lead={t('trials.section.whenLead')}>
      <Fields>
        <DateField label={t('trials.field.startsOn')} withAsterisk {...form.getInputProps('plannedStartsOn')} />
        <DateField label={t('trials.field.endsOn')} withAsterisk {...form.getInputProps('plannedEndsOn')} />
        <DateField
          label={t('trials.field.investmentOn')}
          description={t('trials.field.investmentOnHint')}
          withAsterisk
          {...form.getInputProps('investmentOn')}
        />
      </Fields>
      <Fields>
        <NumberField
          label={t('trials.field.horizon')}
          description={t('trials.assumption')}
          unit={t('trials.field.years')}
          allowDecimal={false}
          withAsterisk
          {...form.getInputProps('horizonYears')}
        />
        <PercentField
          label={t('trials.field.discountRate')}
          description={t('trials.field.discountRateHint')}
          withAsterisk
          {...form.getInputProps('discountRate')}
        />
      </Fields>
    </Section>
  );
}
