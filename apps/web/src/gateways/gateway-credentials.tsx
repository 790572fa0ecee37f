import { gatewaysApi, type GatewayView, type ResponseOf } from '#contracts';
import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { CopyField } from '../forms/copy-field.js';
import { FormDialog } from '../forms/dialog.js';
import { ErrorNotice } from '../parts/error-notice.js';

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

/** Asks once more, then gives a new secret; the old ones go on for a day, or end now. */
export function RotateGatewaySecret({ gateway, onClose }: DialogProps) {
  const { t } = useTranslation();
  const [revokeOld, setRevokeOld] = useState(false);
  const rotating = useMutation({
    mutationFn: () => call(gatewaysApi.rotateSecret, { params: { id: gateway.id }, body: { revokeOld } }),
  });
  const title = t('gateways.rotateTitle', { name: gateway.name });
  if (rotating.data !== undefined) {
    return (
      <FormDialog opened onClose={onClose} title={title} closeOnEscape={false}>
        <GatewayCredentials registered={rotating.data} onClose={onClose} />
      </FormDialog>
    );
  }
  return (
    <FormDialog opened onClose={onClose} title={title}>
      <Stack>
        <Text>{t('gateways.rotateText')}</Text>
        <Checkbox
          label={t('gateways.revokeOld')}
          description={t('gateways.revokeOldHint')}
          checked={revokeOld}
          onChange={({ currentTarget }) => setRevokeOld(currentTarget.checked)}
        />
        <ErrorNotice error={rotating.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('forms.cancel')}
          </Button>
          <Button loading={rotating.isPending} onClick={() => rotating.mutate()} {...(revokeOld && { color: 'red' })}>
            {t('gateways.rotate')}
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}
