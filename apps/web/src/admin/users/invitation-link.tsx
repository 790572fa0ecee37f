import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { CopyField } from '../../forms/copy-field.js';

interface InvitationLinkProps {
  name: string;
  /** Null: it has been mailed to the person alone. */
  link: string | null;
  expiresAt: string;
  onDone: () => void;
}

/** The one-time link: mailed to the person, or shown this once to be given on to them; it can only be replaced. */
export function InvitationLink({ name, link, expiresAt, onDone }: InvitationLinkProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const until = format.dateTime(expiresAt);
  return (
    <Stack>
      <Alert variant="outline" color="blue" icon={<IconLink aria-hidden />} role="status">
        <Text size="sm">
          {link === null ? t('admin.users.linkMailed', { name, until }) : t('admin.users.linkOnce', { name, until })}
        </Text>
      </Alert>
      {link !== null && <CopyField label={t('admin.users.link')} value={new URL(link, location.origin).href} isLong />}
      <Group justify="flex-end">
        <Button onClick={onDone}>{t('admin.users.linkDone')}</Button>
      </Group>
    </Stack>
  );
}
