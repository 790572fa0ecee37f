import { Alert, Button, Group, Text } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** Says that what was typed before is back, and offers to begin anew. */
export function RestoredDraft({ isShown, onDiscard }: { isShown: boolean; onDiscard: () => void }) {
  const { t } = useTranslation();
  if (!isShown) return null;
  return (
    <Alert variant="outline" color="blue" icon={<IconRestore aria-hidden />} role="status">
      <Group justify="space-between" gap="sm">
        <Text size="sm">{t('forms.restored')}</Text>
        <Button size="xs" variant="default" onClick={onDiscard}>
          {t('forms.discard')}
        </Button>
      </Group>
    </Alert>
  );
}
