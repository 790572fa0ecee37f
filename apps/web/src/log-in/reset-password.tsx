import { identityApi } from '#contracts';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import { PageTitle } from '../parts/page-title.js';
import { ChoosePassword } from './choose-password.js';
import type { OneTimeLinkView } from './one-time-link.js';

export function ResetPassword({ token, link }: { token: string; link: OneTimeLinkView }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <PageTitle
        title={t('logIn.resetTitle')}
        lead={t('logIn.resetLead', { email: link.email, until: format.dateTime(link.expiresAt) })}
      />
      <ChoosePassword
        email={link.email}
        onChosen={(body) => call(identityApi.resetPassword, { params: { token }, body })}
      />
    </>
  );
}
