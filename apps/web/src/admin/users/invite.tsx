import { usersApi } from '#contracts';
import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { useFormat, type Locale } from '../../format.js';
import { FormDialog } from '../../forms/dialog.js';
import { withoutErrorsUnder } from '../../forms/errors-under.js';
import { Form } from '../../forms/form.js';
import { Invite } from '../../forms/schemas.js';
import { Fields } from '../../forms/section.js';
import { GrantFields, newGrant, type GrantDraft } from './grant-fields.js';
import { InvitationLink } from './invitation-link.js';
import { useGrantProblems } from './use-grant-problems.js';

type Draft = { name: string; email: string; locale: Locale; grant: GrantDraft };

/** Invites a person with a first role, and then shows the link to give them. */
export default function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const queryClient = useQueryClient();
  const problemsOf = useGrantProblems(Invite, 'grant.');
  const form = useForm<Draft>({
    initialValues: { name: '', email: '', locale, grant: newGrant() },
    validate: (draft) => problemsOf(draft, draft.grant),
  });
  const saving = useMutation({
    mutationFn: (draft: Draft) => call(usersApi.invite, { body: draft }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <FormDialog opened onClose={onClose} closeOnEscape={saving.data === undefined} title={t('admin.users.invite')}>
      {saving.data !== undefined ? (
        <InvitationLink {...saving.data} name={saving.data.user.name} onDone={onClose} />
      ) : (
        <Form form={form} saving={saving} submitLabel={t('admin.users.createLink')} onCancel={onClose}>
          <Fields>
            <TextInput label={t('admin.users.name')} withAsterisk data-autofocus {...form.getInputProps('name')} />
            <TextInput label={t('admin.users.email')} type="email" withAsterisk {...form.getInputProps('email')} />
          </Fields>
          <NativeSelect
            label={t('shell.language')}
            data={[
              { value: 'sv', label: 'Svenska' },
              { value: 'en', label: 'English' },
            ]}
            {...form.getInputProps('locale')}
          />
          <GrantFields
            grant={form.values.grant}
            errorOf={(field) => form.errors[`grant.${field}`]}
            onChange={(grant) => {
              form.setFieldValue('grant', grant);
              form.setErrors((errors) => withoutErrorsUnder(errors, 'grant'));
            }}
          />
        </Form>
      )}
    </FormDialog>
  );
}
