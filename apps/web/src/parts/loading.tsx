import { Center, Loader, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Shown while a page or its data is fetched. */
export function Loading() {
  const { t } = useTranslation();
  return (
    <Center mih={240} role="status">
      <Loader size="sm" />
      <VisuallyHidden>{t('parts.loading')}</VisuallyHidden>
    </Center>
  );
}
