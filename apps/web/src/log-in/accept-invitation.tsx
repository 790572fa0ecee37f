import { identityApi } from '#contracts';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { PageTitle } from '../parts/page-title.js';
import { ChoosePassword } from './choose-password.js';
import type { OneTimeLinkView } from './one-time-link.js';

export function AcceptInvitation({ token, link }: { token: string; link: OneTimeLinkView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const title =
    link.name === null ? t('logIn.invitationTitleNameless') : t('logIn.invitationTitle', { name: link.name });
  return (
    <>
      <PageTitle
        title={title}
        lead={t('logIn.invitationLead', { email: link.email, until: format.dateTime(link.expiresAt) })}
      />
      <ChoosePassword
        email={link.email}
        onChosen={(body) => call(identityApi.acceptInvitation, { params: { token }, body })}
      />
    </>
  );
}
