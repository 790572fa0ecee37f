import { MAX_CORRECTED, type PeriodPreview } from '#contracts';
import { USAGE_DECISIONS, type UsageDecision } from '#domain';
import { NativeSelect, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { InstantField } from '../forms/instant-field.js';
import { ReasonField } from '../forms/reason-field.js';
import { CorrectUsages as schema } from '../forms/schemas.js';
import { Fields } from '../forms/section.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { MetricSelect } from './metric-select.js';
import { isReversed, type Period, previewQuery } from './queries.js';
import { type Body, type Correcting, useCorrecting } from './use-correcting.js';

type Draft = { decided: UsageDecision; reason: string; period: Period };

/** Decides about all usages of a period at once, and says before how many they are. */
export default function CorrectPeriod(correcting: Correcting) {
  const { t } = useTranslation();
  const { device, onClose } = correcting;
  const form = useSchemaForm<Draft>(schema, {
    decided: 'set_aside',
    reason: '',
    period: { from: null, to: null, metric: null },
  });
  const { decided, period } = form.values;
  const preview = useQuery(previewQuery(device.id, period));
  const expected = preview.data?.usages ?? null;
  const saving = useCorrecting<Draft>(correcting, (draft) => ({ ...draft, expected }) as Body);
  // Nothing is sent before it is known how many there are, and what is wrong with the period is said once.
  const sending = {
    ...saving,
    isPending: saving.isPending || preview.isFetching,
    error: preview.error === null ? saving.error : null,
  };
  return (
    <FormDialog opened onClose={onClose} title={t('corrections.period')}>
      <Form form={form} saving={sending} submitLabel={t(`corrections.action.${decided}`)} onCancel={onClose}>
        <Text size="sm">{t('corrections.periodText')}</Text>
        <Fields>
          <InstantField label={t('corrections.from')} required {...form.getInputProps('period.from')} />
          <InstantField
            label={t('corrections.to')}
            required
            {...form.getInputProps('period.to')}
            {...(isReversed(period) && { error: t('forms.problem.reversed') })}
          />
          <MetricSelect device={device} {...form.getInputProps('period.metric')} />
          <NativeSelect
            label={t('corrections.what')}
            data={USAGE_DECISIONS.map((value) => ({ value, label: t(`corrections.action.${value}`) }))}
            {...form.getInputProps('decided')}
          />
        </Fields>
        <ErrorNotice error={preview.error} />
        {preview.error === null && <Found preview={preview.data} />}
        <ReasonField label={t('corrections.why')} {...form.getInputProps('reason')} />
      </Form>
    </FormDialog>
  );
}

function Found({ preview }: { preview: PeriodPreview | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { usages = 0, setAside = 0 } = preview ?? {};
  return (
    <Text size="sm" role="status">
      {preview === undefined
        ? t('corrections.periodFirst')
        : t('corrections.found', { count: usages, amount: format.number(usages) })}{' '}
      {setAside > 0 && t('corrections.foundSetAside', { setAside: format.number(setAside) })}{' '}
      {usages > MAX_CORRECTED && t('corrections.tooMany', { max: format.number(MAX_CORRECTED) })}
    </Text>
  );
}
