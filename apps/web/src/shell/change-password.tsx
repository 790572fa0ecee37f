import { identityApi } from '#contracts';
import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { Form } from '../forms/form.js';
import { ChangePassword } from '../forms/schemas.js';
import { useSchemaForm } from '../forms/use-schema-form.js';
import { useSession } from '../session.js';

/** Asks for the current password, since the computer may be shared, and for a new one. */
export default function ChangePasswordDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { email } = useSession().user;
  const form = useSchemaForm(ChangePassword, { current: '', password: '' });
  const saving = useMutation({
    mutationFn: (body: typeof form.values) => call(identityApi.changePassword, { body }),
  });
  return (
    <FormDialog opened onClose={onClose} title={t('shell.changePassword')} size="md">
      {saving.isSuccess ? (
        <Changed onClose={onClose} />
      ) : (
        <Form form={form} saving={saving} submitLabel={t('shell.changePassword')} onCancel={onClose}>
          {/* Tells the browser's password store whose password it is. */}
          <input type="text" name="username" autoComplete="username" value={email} readOnly hidden />
          <PasswordInput
            label={t('shell.currentPassword')}
            autoComplete="current-password"
            data-autofocus
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('shell.newPassword')}
            description={t('logIn.passwordHint')}
            autoComplete="new-password"
            {...form.getInputProps('password')}
          />
          <Text size="sm">{t('shell.othersLoggedOut')}</Text>
        </Form>
      )}
    </FormDialog>
  );
}

function Changed({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Text role="status">{t('shell.passwordChanged')}</Text>
      <Group justify="flex-end">
        <Button onClick={onClose} autoFocus>
          {t('forms.close')}
        </Button>
      </Group>
    </Stack>
  );
}
