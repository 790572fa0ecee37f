import { identityApi, type ResponseOf } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ApiError, call } from '../api.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { AcceptInvitation } from './accept-invitation.js';
import { Card } from './card.js';
import { ResetPassword } from './reset-password.js';
import { SetUpMunicipality } from './set-up-municipality.js';

export type OneTimeLinkView = ResponseOf<typeof identityApi.link>;

const route = getRouteApi('/link/$token');

/** Where a one-time link leads: the first administrator's form, an invitation's or a forgotten password's. */
export function OneTimeLink() {
  const { token } = route.useParams();
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => call(identityApi.link, { params: { token } }),
    staleTime: Infinity,
  });
  return (
    <Card>
      {link.isPending && <Loading />}
      {link.isError && <LinkProblem error={link.error} />}
      {link.data?.kind === 'first_administrator' && <SetUpMunicipality token={token} link={link.data} />}
      {link.data?.kind === 'invitation' && <AcceptInvitation token={token} link={link.data} />}
      {link.data?.kind === 'password_reset' && <ResetPassword token={token} link={link.data} />}
    </Card>
  );
}

function LinkProblem({ error }: { error: Error }) {
  const { t } = useTranslation();
  const isGone = error instanceof ApiError && [400, 404, 410, 422].includes(error.status);
  return (
    <>
      <PageTitle title={t('logIn.linkTitle')} />
      {isGone ? <Text>{t('errors.code.link_not_valid')}</Text> : <ErrorNotice error={error} />}
    </>
  );
}
