import { DateInput, DatesProvider, type DateInputProps } from '@mantine/dates';
import '@mantine/dates/styles.layer.css';
import 'dayjs/locale/sv';
import { isDay } from '#domain';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

interface DateFieldProps extends Omit<DateInputProps, 'value' | 'onChange' | 'defaultValue'> {
  value?: string | null;
  onChange?: (day: string | null) => void;
}

/** A calendar date, typed as YYYY-MM-DD or picked; empty is `null`. */
export function DateField({ value, onChange, ...props }: DateFieldProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (
    // No weekend colour: its red would fall short of AA on hover.
    <DatesProvider settings={{ locale, firstDayOfWeek: 1, weekendDays: [] }}>
      <DateInput
        valueFormat="YYYY-MM-DD"
        placeholder={locale === 'sv' ? 'ÅÅÅÅ-MM-DD' : 'YYYY-MM-DD'}
        dateParser={(text) => (isDay(text.trim()) ? text.trim() : null)}
        allowDeselect
        hideOutsideDates
        popoverProps={{ withinPortal: false }}
        nextLabel={t('forms.next')}
        previousLabel={t('forms.previous')}
        {...props}
        value={value ?? null}
        onChange={(day) => onChange?.(day)}
      />
    </DatesProvider>
  );
}
