import { type NotificationView, REJECT_CODES } from '#contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

/** What a notification says, in the reader's language and zone. */
export function useNoticeText(): (notice: NotificationView) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const reasonOf = (code: string): string => {
    const known = REJECT_CODES.find((one) => one === code);
    return known === undefined ? code : t(`rejects.reason.${known}`);
  };
  return (notice) => {
    switch (notice.kind) {
      case 'device_refused': {
        const { assetTag, code } = notice.data;
        return t('notifications.text.device_refused', { assetTag, reason: reasonOf(code) });
      }
      case 'lost_device_speaks':
        return t('notifications.text.lost_device_speaks', { assetTag: notice.data.assetTag });
      case 'device_silent': {
        const { assetTag, lastSignalAt } = notice.data;
        return t('notifications.text.device_silent', { assetTag, since: format.dateTime(lastSignalAt) });
      }
      case 'battery_low': {
        const { assetTag, battery } = notice.data;
        return t('notifications.text.battery_low', { assetTag, percent: format.percent(battery / 100) });
      }
      case 'canary_silent':
        return t('notifications.text.canary_silent', { duration: format.duration(notice.data.silentSeconds) });
      case 'ingest_degraded':
        return t('notifications.text.ingest_degraded', { count: notice.data.weeksAhead });
      case 'job_failed':
        return t('notifications.text.job_failed', { count: notice.data.failing, job: notice.data.job });
    }
  };
}
