import { gatewaysApi, type GatewayView, type ResponseOf } from '#contracts';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { CopyField } from '../forms/copy-field.js';
import { RotateSecretDialog } from '../forms/rotate-secret.js';

/** The port a broker listens on where nothing else is agreed. */
const MQTT_PORT = 1883;

interface GatewayCredentialsProps {
  registered: ResponseOf<typeof gatewaysApi.register>;
  onClose: () => void;
}

/** A gateway's secret, shown this once: it cannot be fetched again, only replaced. */
export function GatewayCredentials({ registered: { gateway, credentials }, onClose }: GatewayCredentialsProps) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert variant="outline" color="blue" icon={<IconKey aria-hidden />}>
        <Text size="sm">{t('gateways.onlyOnce')}</Text>
      </Alert>
      <CopyField label={t('gateways.server')} value={`mqtt://${location.hostname}:${MQTT_PORT}`} />
      <CopyField label={t('gateways.username')} value={credentials.username} />
      <CopyField label={t('gateways.secret')} value={credentials.secret} />
      <CopyField label={t('gateways.topics')} value={gateway.topics.join('  ')} isLong />
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('gateways.haveSaved')}</Button>
      </Group>
    </Stack>
  );
}

interface DialogProps {
  gateway: GatewayView;
  onClose: () => void;
}

/** A new secret for a gateway. */
export function RotateGatewaySecret({ gateway: { id, name }, onClose }: DialogProps) {
  const { t } = useTranslation();
  return (
    <RotateSecretDialog
      title={t('gateways.rotateTitle', { name })}
      text={t('gateways.rotateText')}
      revokeOldLabel={t('gateways.revokeOld')}
      revokeOldHint={t('gateways.revokeOldHint')}
      rotateLabel={t('gateways.rotate')}
      rotate={(revokeOld) => call(gatewaysApi.rotateSecret, { params: { id }, body: { revokeOld } })}
      result={(registered) => <GatewayCredentials registered={registered} onClose={onClose} />}
      onClose={onClose}
    />
  );
}
