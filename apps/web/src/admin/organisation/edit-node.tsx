import { organisationApi, type NodeView } from '#contracts';
import { TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { DateField } from '../../forms/date-field.js';
import { FormDialog } from '../../forms/dialog.js';
import { Form } from '../../forms/form.js';
import { EditNode } from '../../forms/schemas.js';
import { useSchemaForm } from '../../forms/use-schema-form.js';

type Draft = { name: string; validTo: string | null };

/** Renames a node, or closes it from a date; what was recorded there stays. */
export default function EditNodeDialog({ node, onClose }: { node: NodeView; onClose: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const form = useSchemaForm<Draft>(EditNode, { name: node.name, validTo: node.validTo });
  const saving = useMutation({
    mutationFn: (body: Draft) => call(organisationApi.edit, { params: { id: node.id }, body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['organisation'] });
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} title={t('admin.organisation.editNode', { name: node.name })}>
      <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={onClose}>
        <TextInput label={t('admin.organisation.name')} withAsterisk data-autofocus {...form.getInputProps('name')} />
        {node.parentId !== null && (
          <DateField
            label={t('admin.organisation.validTo')}
            description={t('admin.organisation.validToHint')}
            clearable
            {...form.getInputProps('validTo')}
          />
        )}
      </Form>
    </FormDialog>
  );
}
