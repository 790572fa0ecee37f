import type { StoredUsageView } from '#contracts';
import type { UsageDecision } from '#domain';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { ReasonField } from '../forms/reason-field.js';
import { CorrectUsages as schema } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { type Body, type Correcting, useCorrecting } from './use-correcting.js';

interface CorrectChosenProps extends Correcting {
  decided: UsageDecision;
  usages: StoredUsageView[];
}

type Draft = Pick<Body, 'decided' | 'usages'> & { reason: string };

/** Why the chosen usages shall not count, or count again. */
export default function CorrectChosen({ decided, usages, ...correcting }: CorrectChosenProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const named = usages.map(({ at, usageId }) => ({ at, usageId }));
  const form = useSchemaForm<Draft>(schema, { decided, reason: '', usages: named });
  const saving = useCorrecting<Draft>(correcting, (draft) => draft);
  return (
    <FormDialog opened onClose={correcting.onClose} title={t(`corrections.chosenTitle.${decided}`)}>
      <Form form={form} saving={saving} submitLabel={t(`corrections.action.${decided}`)} onCancel={correcting.onClose}>
        <Text size="sm">
          {t('corrections.chosenText', { count: usages.length, amount: format.number(usages.length) })}
        </Text>
        <ReasonField label={t('corrections.why')} {...form.getInputProps('reason')} />
      </Form>
    </FormDialog>
  );
}
