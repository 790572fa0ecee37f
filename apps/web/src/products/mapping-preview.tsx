import type { MappingRuleMessage, PreviewedMessage } from '#contracts';
import type { Ecosystem, Family } from '#domain';
import { Button, Code, Paper, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import beside from '../forms/preview.module.css';
import { ErrorNotice } from '../parts/error-notice.js';
import { previewQuery } from './mapping-queries.js';
import classes from './mapping.module.css';

interface PreviewProps {
  of: { id: string; ecosystem: Ecosystem };
  family: Family;
  /** Null while they have a problem. */
  rules: MappingRuleMessage[] | null;
  onUseField: (field: string) => void;
}

/** Where a message of each ecosystem stands, to begin with. */
const TOPICS: Readonly<Record<Ecosystem, string>> = {
  thingsboard: 'v1/devices/me/telemetry',
  chirpstack: 'application/a/device/0101010101010101/event/up',
  zigbee2mqtt: 'zigbee2mqtt/name',
  homeassistant: 'homeassistant/name/state',
  homie: 'homie/5/name/node/property',
  sparkplug: 'spBv1.0/group/DDATA/node/device',
};

const TYPING_MS = 400;

/** What the rules make of real messages, while they are being written; computed by the server as it would be for good. */
export function MappingPreview({ of, family, rules, onUseField }: PreviewProps) {
  const { t } = useTranslation();
  const id = useId();
  const [topic, setTopic] = useState(TOPICS[of.ecosystem]);
  const [payload, setPayload] = useState('');
  const samples = topic === '' || payload === '' ? [] : [{ topic, payload }];
  // As text, so that typing on without changing anything asks nothing anew.
  const [asked] = useDebouncedValue(rules === null ? null : JSON.stringify({ rules, samples }), TYPING_MS);
  const body = asked === null ? null : (JSON.parse(asked) as { rules: MappingRuleMessage[]; samples: typeof samples });
  const { data, error } = useQuery(previewQuery(of, body));
  return (
    <Paper component="aside" withBorder className={beside.preview} aria-labelledby={id}>
      <Title order={2} size="h4" id={id}>
        {t('mappings.preview')}
      </Title>
      <Text size="sm" c="dimmed" mb="sm">
        {t('mappings.previewLead')}
      </Text>
      <Stack>
        <TextInput
          label={t('mappings.topic')}
          value={topic}
          onChange={({ currentTarget }) => setTopic(currentTarget.value)}
        />
        <Textarea
          label={t('mappings.payload')}
          description={of.ecosystem === 'sparkplug' ? t('mappings.payloadBinary') : undefined}
          autosize
          minRows={4}
          maxRows={14}
          spellCheck={false}
          styles={{ input: { fontFamily: 'ui-monospace, monospace' } }}
          value={payload}
          onChange={({ currentTarget }) => setPayload(currentTarget.value)}
        />
        <ErrorNotice error={error} />
        {rules === null ? (
          <Text size="sm">{t('mappings.mendFirst')}</Text>
        ) : (
          <Messages messages={data ?? []} family={family} onUseField={onUseField} />
        )}
      </Stack>
    </Paper>
  );
}

interface MessagesProps extends Pick<PreviewProps, 'family' | 'onUseField'> {
  messages: readonly PreviewedMessage[];
}

function Messages({ messages, ...rest }: MessagesProps) {
  const { t } = useTranslation();
  const usages = messages.reduce((sum, message) => sum + message.usages.length, 0);
  return (
    <>
      <Text role="status" size="sm" fw={600}>
        {messages.length === 0 ? t('mappings.nothingToTry') : t('mappings.summary', { count: usages })}
      </Text>
      <ol className={classes.messages}>
        {[...messages].reverse().map((message, index) => (
          <li key={index} className={classes.message}>
            <Message message={message} {...rest} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Message({ message, family, onUseField }: { message: PreviewedMessage } & Omit<MessagesProps, 'messages'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { isSample, receivedAt, topic, devices, usages, rejections } = message;
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed">
        {isSample ? t('mappings.sample') : t('mappings.received', { at: format.dateTime(receivedAt) })} · {topic}
      </Text>
      <Text size="sm" fw={600}>
        {t('mappings.becomes')}
      </Text>
      {usages.length === 0 ? (
        <Text size="sm">{t('mappings.nothing')}</Text>
      ) : (
        <ul className={classes.plain}>
          {usages.map((usage, index) => (
            <li key={index}>
              <UsageLine usage={usage} family={family} />
            </li>
          ))}
        </ul>
      )}
      <Rejections rejections={rejections} />
      {devices.map((device, index) => (
        <Readings key={index} device={device} onUseField={onUseField} />
      ))}
      {devices.length === 0 && rejections.length === 0 && <Text size="sm">{t('mappings.noReadings')}</Text>}
    </Stack>
  );
}

/** "Opening, 2 Mar 2026 14:03 (Successful, Staff)". */
function UsageLine({ usage, family }: { usage: PreviewedMessage['usages'][number]; family: Family }) {
  const { t } = useTranslation();
  const format = useFormat();
  const metric = family.metrics.find(({ name }) => name === usage.metric);
  // In the order in which the family speaks of them.
  const said = Object.entries(metric?.attributes ?? {}).flatMap(([name, shape]) => {
    const value = usage.attributes[name];
    if (value === undefined) return [];
    return [(shape.type === 'enum' && shape.labels[String(value)]?.[format.locale]) || String(value)];
  });
  const at = usage.isReceivedTime ? t('mappings.receivedTime') : format.dateTime(usage.at);
  return (
    <Text size="sm" component="span">
      <strong>{metric?.label[format.locale] ?? usage.metric}</strong>, {at}
      <Amount usage={usage} kind={metric?.kind} />
      {said.length > 0 && ` (${said.join(', ')})`}
      {usage.device !== null && ` · ${usage.device}`}
    </Text>
  );
}

function Amount({ usage, kind }: { usage: PreviewedMessage['usages'][number]; kind: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (kind === 'session') {
    const text =
      usage.value === null ? t('mappings.ongoing') : t('mappings.lasting', { duration: format.duration(usage.value) });
    return <>, {text}</>;
  }
  return kind === 'event' || usage.value === null ? null : <>: {format.number(usage.value, 2)}</>;
}

function Rejections({ rejections }: Pick<PreviewedMessage, 'rejections'>) {
  const { t } = useTranslation();
  if (rejections.length === 0) return null;
  return (
    <>
      <Text size="sm" fw={600}>
        {t('mappings.notTaken')}
      </Text>
      <ul className={classes.plain}>
        {rejections.map(({ code, reason }, index) => (
          <li key={index}>
            <Code>{code}</Code> <span lang="en">{reason}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Readings({
  device: { name, readings },
  onUseField,
}: {
  device: PreviewedMessage['devices'][number];
  onUseField: (field: string) => void;
}) {
  const { t } = useTranslation();
  if (readings.length === 0) return null;
  return (
    <details>
      <summary>
        {t('mappings.readings')}: {name ?? t('mappings.client')}
      </summary>
      <ul className={classes.plain}>
        {readings.map(({ field, value }, index) => (
          <li key={index}>
            <Code>
              {field} = {String(value)}
            </Code>{' '}
            <Button size="compact-xs" variant="default" onClick={() => onUseField(field)}>
              {t('mappings.useField', { field })}
            </Button>
          </li>
        ))}
      </ul>
    </details>
  );
}
