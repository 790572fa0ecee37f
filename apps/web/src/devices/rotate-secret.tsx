import { devicesApi, type DeviceView } from '#contracts';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { RotateSecretDialog } from '../forms/rotate-secret.js';
import { Credentials } from './credentials.js';

interface RotateSecretProps {
  device: DeviceView;
  onClose: () => void;
}

/** A new secret for a device. */
export default function RotateSecret({ device: { id, assetTag, family }, onClose }: RotateSecretProps) {
  const { t } = useTranslation();
  return (
    <RotateSecretDialog
      title={t('devices.rotateTitle', { assetTag })}
      text={t('devices.rotateText')}
      revokeOldLabel={t('devices.revokeOld')}
      revokeOldHint={t('devices.revokeOldHint')}
      rotateLabel={t('devices.rotate')}
      rotate={(revokeOld) => call(devicesApi.rotateSecret, { params: { id }, body: { revokeOld } })}
      result={({ credentials }) => <Credentials credentials={credentials} family={family} onClose={onClose} />}
      onClose={onClose}
    />
  );
}
