import { usageImportsApi } from '#contracts';
import { Code, FileInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconFileTypeCsv } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { Form } from '../forms/form.js';
import { NodePicker } from '../forms/node-picker.js';
import { ReasonField } from '../forms/reason-field.js';
import { Section } from '../forms/section.js';
import { PageTitle } from '../parts/page-title.js';
import { useSession } from '../session.js';

type Draft = { file: File | null; nodeId: string | null; reason: string };

/** Takes a file to be checked; nothing of it counts yet. */
export function UploadPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const needed = (value: unknown) => (value ? null : t('forms.problem.missing'));
  const form = useForm<Draft>({
    initialValues: { file: null, nodeId: null, reason: '' },
    validate: { file: needed, nodeId: needed, reason: (value) => needed(value.trim()) },
  });
  const saving = useMutation({
    mutationFn: ({ file, nodeId, reason }: Draft) =>
      call(usageImportsApi.upload, {
        query: { nodeId: nodeId ?? '', fileName: file?.name.slice(0, 200) ?? '', reason },
        body: file ?? new Blob(),
      }),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: ['imports'] });
      await navigate({ to: '/devices/imports/$id', params: { id } });
    },
  });
  return (
    <>
      <PageTitle title={t('imports.new')} lead={t('imports.newLead')} />
      <Stack maw={860}>
        <Format />
        <Form
          form={form}
          saving={saving}
          submitLabel={t('imports.check')}
          onCancel={() => void navigate({ to: '/devices/imports' })}
        >
          <FileInput
            label={t('imports.file')}
            description={t('imports.fileHint')}
            placeholder={t('imports.chooseFile')}
            accept=".csv,.txt,text/csv,text/plain"
            leftSection={<IconFileTypeCsv size={18} aria-hidden />}
            clearable
            clearButtonProps={{ 'aria-label': t('forms.clear') }}
            withAsterisk
            {...form.getInputProps('file')}
          />
          <NodePicker
            label={t('imports.node')}
            description={t('imports.nodeHint')}
            withAsterisk
            {...form.getInputProps('nodeId')}
          />
          <ReasonField label={t('imports.reason')} {...form.getInputProps('reason')} />
        </Form>
      </Stack>
    </>
  );
}

const EXAMPLE = `apparat;mått;tid;utfall
D-0012;unlock;2026-11-20 14:05;success
D-0012;unlock;2026-11-20 19:30;failure`;

function Format() {
  const { t } = useTranslation();
  const { timeZone: zone } = useSession().municipality;
  return (
    <Section title={t('imports.format')}>
      <Text size="sm">{t('imports.formatText')}</Text>
      <Text size="sm">{t('imports.formatTime', { zone })}</Text>
      <Code block tabIndex={0} role="region" aria-label={t('imports.example')}>
        {EXAMPLE}
      </Code>
    </Section>
  );
}
