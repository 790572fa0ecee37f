import { organisationApi, type CallOf, type NodeView } from '#contracts';
import { childKindsOf, type NodeKind } from '#domain';
import { NativeSelect, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { DateField } from '../../forms/date-field.js';
import { FormDialog } from '../../forms/dialog.js';
import { Form } from '../../forms/form.js';
import { AddNode } from '../../forms/schemas.js';
import { useSchemaForm } from '../../forms/use-schema-form.js';
import { useToday } from '../../forms/use-today.js';

type Body = CallOf<typeof organisationApi.add>['body'];
type Draft = { parentId: string; kind: NodeKind; name: string; validFrom: string | null; validTo: string | null };

/** Adds a node below another; only kinds that may stand there can be chosen. */
export default function AddNodeDialog({ parent, onClose }: { parent: NodeView; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const kinds = childKindsOf(parent.kind);
  const today = useToday();
  const first = kinds.find((kind) => kind === 'unit') ?? kinds[0] ?? 'unit';
  const form = useSchemaForm<Draft>(AddNode, {
    parentId: parent.id,
    kind: first,
    name: '',
    validFrom: today,
    validTo: null,
  });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(organisationApi.add, { body: draft as Body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['organisation'] });
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('admin.organisation.addBelow', { name: parent.name })}>
      <Form form={form} saving={saving} submitLabel={t('admin.organisation.add')} onCancel={onClose}>
        <TextInput label={t('admin.organisation.name')} withAsterisk data-autofocus {...form.getInputProps('name')} />
        <NativeSelect
          label={t('admin.organisation.kind')}
          data={kinds.map((value) => ({ value, label: t(`words.nodeKind.${value}`) }))}
          {...form.getInputProps('kind')}
        />
        <DateField
          label={t('admin.organisation.validFrom')}
          description={t('admin.organisation.validFromHint')}
          withAsterisk
          {...form.getInputProps('validFrom')}
        />
      </Form>
    </FormDialog>
  );
}
