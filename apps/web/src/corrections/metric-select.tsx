import type { DeviceView } from '#contracts';
import { FAMILIES, type Metric } from '#domain';
import { NativeSelect } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

interface MetricSelectProps {
  device: DeviceView;
  /** A metric's name; null = every one. */
  value?: string | null;
  onChange?: (metric: string | null) => void;
}

/** One of the metrics of a device's family, or all of them. */
export function MetricSelect({ device, value, onChange }: MetricSelectProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const metrics: readonly Metric[] = FAMILIES[device.family].metrics;
  return (
    <NativeSelect
      label={t('corrections.metric')}
      data={[
        { value: '', label: t('forms.all') },
        ...metrics.map(({ name, label }) => ({ value: name, label: label[locale] })),
      ]}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange?.(currentTarget.value || null)}
    />
  );
}
