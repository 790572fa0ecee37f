import type { CredentialsView } from '#contracts';
import { FAMILIES, type Family, type FamilyCode, type Metric } from '#domain';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../forms/copy-field.js';
import { FormDialog } from '../forms/dialog.js';

interface CredentialsProps {
  credentials: CredentialsView;
  family: FamilyCode;
  onClose: () => void;
}

/** A device's secret in a dialog of its own, after it was registered. */
export function CredentialsDialog(props: CredentialsProps) {
  const { t } = useTranslation();
  return (
    <FormDialog opened onClose={props.onClose} title={t('devices.credentialsTitle')} closeOnEscape={false}>
      <Credentials {...props} />
    </FormDialog>
  );
}

/** A device's secret, shown this once: it cannot be fetched again, only replaced. */
export function Credentials({ credentials, family, onClose }: CredentialsProps) {
  const { t } = useTranslation();
  const [line] = useState(() => publishLine(credentials, family, location.hostname));
  return (
    <Stack>
      <Alert variant="outline" color="blue" icon={<IconKey aria-hidden />}>
        <Text size="sm">{t('devices.onlyOnce')}</Text>
      </Alert>
      <CopyField label={t('devices.username')} value={credentials.username} />
      <CopyField label={t('devices.secret')} value={credentials.secret} />
      <CopyField label={t('devices.usageTopic')} value={credentials.usageTopic} />
      <CopyField label={t('devices.tryLine')} value={line} isLong />
      <Text size="sm" c="dimmed">
        {t('devices.tryLineHint')}
      </Text>
      <Group justify="flex-end">
        <Button onClick={onClose}>{t('devices.haveSaved')}</Button>
      </Group>
    </Stack>
  );
}

/** The port a broker listens on where nothing else is agreed. */
const MQTT_PORT = 1883;

/** One message that a device of the family could send, as a line for a shell. */
export function publishLine(
  { username, secret, usageTopic }: CredentialsView,
  family: FamilyCode,
  host: string,
): string {
  const { metrics }: Family = FAMILIES[family];
  const payload = JSON.stringify(metrics.filter(({ kind }) => kind !== 'gauge').map(exampleOf)[0]);
  return [
    `mosquitto_pub -h ${host} -p ${MQTT_PORT} -q 1 -V mqttv311`,
    `-i '${username}' -u '${username}' -P '${secret}'`,
    `-t '${usageTopic}'`,
    `-m '${payload}'`,
  ].join(' ');
}

/** Without `at` the time of receipt counts, so that the line works whenever it is run; a session says how long it was. */
function exampleOf(metric: Metric): object {
  const attributes = Object.entries(metric.attributes).map(([name, shape]) => [
    name,
    shape.type === 'enum' ? shape.values[0] : true,
  ]);
  const until = Date.now();
  const id = `test-${until.toString(36)}`;
  const when = metric.kind === 'session' ? { at: until - 20 * 60_000, until } : {};
  return { id, metric: metric.name, ...when, attributes: Object.fromEntries(attributes) as Record<string, unknown> };
}
