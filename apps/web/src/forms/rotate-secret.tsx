import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../parts/error-notice.js';
import { FormDialog } from './dialog.js';

interface RotateSecretDialogProps<Rotated> {
  title: string;
  /** What becomes of the old secret. */
  text: string;
  revokeOldLabel: string;
  revokeOldHint: string;
  rotateLabel: string;
  rotate: (revokeOld: boolean) => Promise<Rotated>;
  /** Shows the new secret, this once. */
  result: (rotated: Rotated) => ReactNode;
  onClose: () => void;
}

/** Asks once more, then gives a new secret; the old ones go on for a day, or end now. */
export function RotateSecretDialog<Rotated>(props: RotateSecretDialogProps<Rotated>) {
  const { title, text, rotate, result, onClose } = props;
  const { t } = useTranslation();
  const [revokeOld, setRevokeOld] = useState(false);
  const rotating = useMutation({ mutationFn: () => rotate(revokeOld) });
  if (rotating.data !== undefined) {
    return (
      <FormDialog opened onClose={onClose} title={title} closeOnEscape={false}>
        {result(rotating.data)}
      </FormDialog>
    );
  }
  return (
    <FormDialog opened onClose={onClose} title={title}>
      <Stack>
        <Text>{text}</Text>
        <Checkbox
          label={props.revokeOldLabel}
          description={props.revokeOldHint}
          checked={revokeOld}
          onChange={({ currentTarget }) => setRevokeOld(currentTarget.checked)}
        />
        <ErrorNotice error={rotating.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('forms.cancel')}
          </Button>
          <Button loading={rotating.isPending} onClick={() => rotating.mutate()} {...(revokeOld && { color: 'red' })}>
            {props.rotateLabel}
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}
