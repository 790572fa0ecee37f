import { Container, Text } from '@mantine/core';
import { useRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TextLink } from '../parts/links.js';
import { PageTitle } from '../parts/page-title.js';

/** An address that leads nowhere, or to what is outside one's scope (the server tells no difference). */
export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <Container size="sm" py="xl">
      <PageTitle title={t('shell.notFoundTitle')} />
      <Text mb="md">{t('shell.notFound')}</Text>
      <TextLink to="/">{t('shell.toStart')}</TextLink>
    </Container>
  );
}

/** A page that could not be shown. */
export function ProblemPage({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <Container size="sm" py="xl">
      <PageTitle title={t('errors.title')} />
      <ErrorNotice error={error} onRetry={() => void router.invalidate()} />
    </Container>
  );
}
