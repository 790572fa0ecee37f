import { REJECT_CODES, type RejectView } from '#contracts';
import { Code, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Age } from '../parts/age.js';
import { TextLink } from '../parts/links.js';
import classes from './rejects-list.module.css';

const codeOf = (code: string) => REJECT_CODES.find((known) => known === code);

/** Messages that could not be taken, each with why and what mends it; the payload opens on demand. */
export function RejectsList({ rejects, isOneDevice = false }: { rejects: RejectView[]; isOneDevice?: boolean }) {
  return (
    <ol className={classes.list}>
      {rejects.map((reject) => (
        <li key={reject.id} className={classes.reject}>
          <Head reject={reject} isOneDevice={isOneDevice} />
          <Why reject={reject} />
          <Payload reject={reject} />
        </li>
      ))}
    </ol>
  );
}

function Head({ reject, isOneDevice }: { reject: RejectView; isOneDevice: boolean }) {
  const { t } = useTranslation();
  const code = codeOf(reject.code);
  return (
    <div className={classes.head}>
      <Text fw={600}>{code === undefined ? reject.code : t(`rejects.reason.${code}`)}</Text>
      <Text size="sm" c="dimmed" className={classes.age}>
        <Age at={reject.receivedAt} />
      </Text>
      {!isOneDevice && (
        <Text size="sm" className={classes.device}>
          <Sender reject={reject} />
        </Text>
      )}
    </div>
  );
}

function Sender({ reject: { deviceId, assetTag, clientName } }: { reject: RejectView }) {
  const { t } = useTranslation();
  if (deviceId === null) return t('rejects.from', { name: clientName || t('rejects.nobody') });
  return (
    <TextLink to="/devices/$id" params={{ id: deviceId }}>
      {assetTag ?? clientName}
    </TextLink>
  );
}

function Why({ reject }: { reject: RejectView }) {
  const { t } = useTranslation();
  const code = codeOf(reject.code);
  return (
    <>
      {code !== undefined && <Text size="sm">{t(`rejects.mend.${code}`)}</Text>}
      <Text size="sm" c="dimmed" component="p" m={0}>
        <Code>{reject.code}</Code> {reject.topic}
        {reject.element !== null && ` · ${t('rejects.element', { index: reject.element + 1 })}`} ·{' '}
        <span lang="en">{reject.reason}</span>
      </Text>
    </>
  );
}

function Payload({ reject: { payload, payloadBytes, receivedAt } }: { reject: RejectView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const size = t('rejects.bytes', { bytes: format.number(payloadBytes) });
  if (payload === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('rejects.noPayload')} {size}
      </Text>
    );
  }
  return (
    <details className={classes.payload}>
      <summary>{t('rejects.payload', { size, at: format.dateTime(receivedAt) })}</summary>
      <Code block>{payload}</Code>
    </details>
  );
}
