import { devicesApi, type DeviceView } from '#contracts';
import { Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { FormDialog } from '../forms/dialog.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Credentials } from './credentials.js';

interface RotateSecretProps {
  device: DeviceView;
  onClose: () => void;
}

/** Asks once more, then gives a new secret; the old ones go on for a day, or end now. */
export default function RotateSecret({ device, onClose }: RotateSecretProps) {
  const { t } = useTranslation();
  const [revokeOld, setRevokeOld] = useState(false);
  const rotating = useMutation({
    mutationFn: () => call(devicesApi.rotateSecret, { params: { id: device.id }, body: { revokeOld } }),
  });
  const title = t('devices.rotateTitle', { assetTag: device.assetTag });
  if (rotating.data !== undefined) {
    return (
      <FormDialog opened onClose={onClose} title={title} closeOnEscape={false}>
        <Credentials credentials={rotating.data.credentials} family={device.family} onClose={onClose} />
      </FormDialog>
    );
  }
  return (
    <FormDialog opened onClose={onClose} title={title}>
      <Stack>
        <Text>{t('devices.rotateText')}</Text>
        <Checkbox
          label={t('devices.revokeOld')}
          description={t('devices.revokeOldHint')}
          checked={revokeOld}
          onChange={({ currentTarget }) => setRevokeOld(currentTarget.checked)}
        />
        <ErrorNotice error={rotating.error} />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t('forms.cancel')}
          </Button>
          <Button loading={rotating.isPending} onClick={() => rotating.mutate()} {...(revokeOld && { color: 'red' })}>
            {t('devices.rotate')}
          </Button>
        </Group>
      </Stack>
    </FormDialog>
  );
}
