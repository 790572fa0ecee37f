import { usageEntriesApi, type CallOf, type DeviceView } from '#contracts';
import { FAMILIES, type Metric } from '#domain';
import { ActionIcon, Button, Fieldset, Group, NativeSelect, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { refreshUse } from '../corrections/queries.js';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { InstantField } from '../forms/instant-field.js';
import { ReasonField } from '../forms/reason-field.js';
import { EnterUsage as schema } from '../forms/schemas.js';
import { Fields } from '../forms/section.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { AttributeField } from './attribute-field.js';
import { NumberField } from '../forms/number-field.js';

type Body = CallOf<typeof usageEntriesApi.enter>['body'];

type Row = {
  key: string;
  metric: string;
  at: string | null;
  until: string | null;
  value: number | null;
  attributes: Record<string, string | number | boolean>;
};
export type Draft = { reason: string; entries: Row[] };

const ROWS_MAX = 50;

/** A name of its own for each use: `randomUUID` is there over https alone. */
const newKey = (): string => [...crypto.getRandomValues(new Uint32Array(3))].map((part) => part.toString(36)).join('-');

/** Enters one or several uses of a device, each at its own time, with one reason for all of them. */
export default function EnterUsage({ device, onClose }: { device: DeviceView; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const metrics: readonly Metric[] = FAMILIES[device.family].metrics;
  const first = metrics.find(({ kind }) => kind !== 'gauge') ?? metrics[0];
  const newRow = (): Row => ({
    key: newKey(),
    metric: first?.name ?? '',
    at: new Date().toISOString(),
    until: null,
    value: null,
    attributes: {},
  });
  const form = useSchemaForm<Draft>(schema, { reason: '', entries: [newRow()] });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(usageEntriesApi.enter, { params: { id: device.id }, body: draft as Body }),
    onSuccess: async () => {
      await refreshUse(queryClient, device.id);
      onClose();
    },
  });
  const { entries } = form.values;
  return (
    <FormDialog opened onClose={onClose} title={t('entries.enterTitle', { assetTag: device.assetTag })} size="xl">
      <Form form={form} saving={saving} submitLabel={t('entries.enter')} onCancel={onClose}>
        <ReasonField label={t('entries.why')} {...form.getInputProps('reason')} />
        {entries.map(({ key }, index) => (
          <EntryFields key={key} form={form} index={index} metrics={metrics} />
        ))}
        {entries.length < ROWS_MAX && (
          <Group>
            <Button
              variant="default"
              leftSection={<IconPlus size={18} aria-hidden />}
              onClick={() => form.insertListItem('entries', newRow())}
            >
              {t('entries.add')}
            </Button>
          </Group>
        )}
      </Form>
    </FormDialog>
  );
}

interface EntryFieldsProps {
  form: UseFormReturnType<Draft>;
  index: number;
  metrics: readonly Metric[];
}

function EntryFields({ form, index, metrics }: EntryFieldsProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const path = `entries.${index}` as const;
  const row = form.values.entries[index];
  const metric = metrics.find(({ name }) => name === row?.metric);
  const legend = t('entries.row', { number: index + 1 });
  return (
    <Fieldset legend={legend}>
      <Stack gap="sm">
        <Fields>
          <NativeSelect
            label={t('entries.metric')}
            data={metrics.map(({ name, label }) => ({ value: name, label: label[locale] }))}
            {...form.getInputProps(`${path}.metric`)}
          />
          <InstantField label={t('entries.at')} required {...form.getInputProps(`${path}.at`)} />
          {metric !== undefined && <MetricFields form={form} path={path} metric={metric} />}
        </Fields>
        {form.values.entries.length > 1 && (
          <Group justify="flex-end">
            <ActionIcon
              variant="default"
              size="lg"
              aria-label={t('forms.remove', { what: legend })}
              onClick={() => form.removeListItem('entries', index)}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Group>
        )}
      </Stack>
    </Fieldset>
  );
}

interface MetricFieldsProps {
  form: UseFormReturnType<Draft>;
  path: `entries.${number}`;
  metric: Metric;
}

/** A session has a length; an event is one unless something is counted; each has the family's attributes. */
function MetricFields({ form, path, metric }: MetricFieldsProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  return (
    <>
      {metric.kind === 'session' && (
        <NumberField
          label={t('entries.seconds')}
          unit="min"
          storedPerShown={60}
          allowNegative={false}
          withAsterisk
          {...form.getInputProps(`${path}.value`)}
        />
      )}
      {(metric.kind === 'gauge' || metric.kind === 'counter') && (
        <NumberField label={t('entries.value')} withAsterisk {...form.getInputProps(`${path}.value`)} />
      )}
      {Object.entries(metric.attributes).map(([name, shape]) => (
        <AttributeField
          key={name}
          shape={shape}
          label={shape.label[locale]}
          value={form.getValues().entries[Number(path.split('.')[1])]?.attributes[name]}
          onChange={(value) => setAttribute(form, { path, name, value })}
        />
      ))}
    </>
  );
}

function setAttribute(
  form: UseFormReturnType<Draft>,
  { path, name, value }: { path: `entries.${number}`; name: string; value: string | number | boolean | undefined },
): void {
  const { [name]: _before, ...others } = form.getValues().entries[Number(path.split('.')[1])]?.attributes ?? {};
  form.setFieldValue(`${path}.attributes`, value === undefined ? others : { ...others, [name]: value });
}
