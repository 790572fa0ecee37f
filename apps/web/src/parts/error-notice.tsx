import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api.js';
import type { Catalogue } from '../i18n/catalogue.js';

type KnownCode = keyof Catalogue['errors']['code'];

/** An error in the reader's language where its code is known, else in the server's own words. */
export function useErrorText(): (error: unknown) => string {
  const { t, i18n } = useTranslation();
  const isKnown = (code: string): code is KnownCode => i18n.exists(`errors.code.${code}`);
  return (error) => {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    return isKnown(error.code) ? t(`errors.code.${error.code}`) : error.message;
  };
}

/** Says what went wrong, at once also to screen readers; draws nothing for no error. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const textOf = useErrorText();
  if (error === null || error === undefined) return null;
  return (
    <Alert
      role="alert"
      color="red"
      variant="outline"
      bg="var(--surface)"
      title={t('errors.title')}
      icon={<IconAlertTriangle aria-hidden />}
    >
      <Text size="sm">{textOf(error)}</Text>
      {onRetry !== undefined && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('parts.tryAgain')}
          </Button>
        </Group>
      )}
    </Alert>
  );
}
