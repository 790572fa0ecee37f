import { usersApi, type UserView } from '#contracts';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { Form } from '../../forms/form.js';
import { GiveGrant } from '../../forms/schemas.js';
import { GrantFields, newGrant, type GrantDraft } from './grant-fields.js';
import { useGrantProblems } from './use-grant-problems.js';

/** Gives a person one more role. */
export function AddGrant({ user, onDone }: { user: UserView; onDone: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const problemsOf = useGrantProblems(GiveGrant);
  const form = useForm<GrantDraft>({ initialValues: newGrant(), validate: (grant) => problemsOf(grant, grant) });
  const saving = useMutation({
    mutationFn: (grant: GrantDraft) => call(usersApi.grant, { params: { id: user.id }, body: grant }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['users'] });
      onDone();
    },
  });
  return (
    <Form form={form} saving={saving} submitLabel={t('admin.users.giveGrant')} onCancel={onDone}>
      <GrantFields
        grant={form.values}
        errorOf={(field) => form.errors[field]}
        onChange={(grant) => form.setValues(grant)}
      />
    </Form>
  );
}
