import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { CopyField } from '../../forms/copy-field.js';

interface InvitationLinkProps {
  name: string;
  link: string;
  expiresAt: string;
  onDone: () => void;
}

/** The one-time link, shown this once: it is given on to the person, and can only be replaced. */
export function InvitationLink({ name, link, expiresAt, onDone }: InvitationLinkProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const address = new URL(link, location.origin).href;
  return (
    <Stack>
      <Alert variant="outline" color="blue" icon={<IconLink aria-hidden />}>
        <Text size="sm">{t('admin.users.linkOnce', { name, until: format.dateTime(expiresAt) })}</Text>
      </Alert>
      <CopyField label={t('admin.users.link')} value={address} isLong />
      <Group justify="flex-end">
        <Button onClick={onDone}>{t('admin.users.linkDone')}</Button>
      </Group>
    </Stack>
  );
}
