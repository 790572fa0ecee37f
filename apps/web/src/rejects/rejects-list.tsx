import { REJECT_CODES, type RejectView } from '#contracts';
import { Checkbox, Code, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Age } from '../parts/age.js';
import frame from '../parts/entries.module.css';
import { TextLink } from '../parts/links.js';
import classes from './rejects-list.module.css';

const codeOf = (code: string) => REJECT_CODES.find((known) => known === code);

/** Which rejects are chosen for a replay. */
export interface Selection {
  ids: ReadonlySet<number>;
  toggle: (id: number) => void;
}

interface RejectsListProps {
  rejects: RejectView[];
  isOneDevice?: boolean;
  /** Where some of them can be chosen. */
  selection?: Selection | undefined;
}

/** Messages that could not be taken, each with why and what mends it; the payload opens on demand. */
export function RejectsList({ rejects, isOneDevice = false, selection }: RejectsListProps) {
  return (
    <ol className={frame.list}>
      {rejects.map((reject) => (
        <li key={reject.id} className={classes.reject}>
          <Head reject={reject} isOneDevice={isOneDevice} selection={selection} />
          <Why reject={reject} />
          <Replay reject={reject} />
          <Payload reject={reject} />
        </li>
      ))}
    </ol>
  );
}

function Head({
  reject,
  isOneDevice,
  selection,
}: Required<Omit<RejectsListProps, 'rejects'>> & { reject: RejectView }) {
  const { t } = useTranslation();
  const code = codeOf(reject.code);
  return (
    <div className={classes.head}>
      {selection !== undefined && <Choose reject={reject} selection={selection} />}
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

/** What can be replayed can be chosen; of the rest {@link Replay} says why not. */
function Choose({ reject, selection }: { reject: RejectView; selection: Selection }) {
  const { t } = useTranslation();
  const format = useFormat();
  const what = `${reject.assetTag ?? reject.clientName}, ${reject.code}, ${format.dateTime(reject.receivedAt)}`;
  return (
    <Checkbox
      size="sm"
      aria-label={t('rejects.select', { what })}
      disabled={reject.replayFault !== null}
      checked={selection.ids.has(reject.id)}
      onChange={() => selection.toggle(reject.id)}
    />
  );
}

/** What became of the newest replay, or why there can be none. */
function Replay({ reject: { replay, replayFault } }: { reject: RejectView }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (replay === null) {
    const isImpossible = replayFault === 'no_payload' || replayFault === 'payload_cut';
    return isImpossible && <Text size="sm">{t(`rejects.fault.${replayFault}`)}</Text>;
  }
  const by = replay.by ?? t('rejects.byNobody');
  const minutes = format.number(replay.offsetMinutes, 1);
  return (
    <Text size="sm" role="status">
      {t(`rejects.replayed.${replay.outcome}`, { at: format.dateTime(replay.at), by })}
      {replay.offsetMinutes !== 0 && `, ${t('rejects.withOffset', { minutes })}`}
      {replay.reason !== null && (
        <>
          : <Code>{replay.code}</Code> <span lang="en">{replay.reason}</span>
        </>
      )}
    </Text>
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

function Payload({ reject: { payload, isPayloadHexadecimal, payloadBytes, receivedAt } }: { reject: RejectView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bytes = format.number(payloadBytes);
  const size = t(isPayloadHexadecimal ? 'rejects.bytesBinary' : 'rejects.bytes', { bytes });
  if (payload === null) {
    return (
      <Text size="sm" c="dimmed">
        {t('rejects.noPayload')} {size}
      </Text>
    );
  }
  return (
    <details className={frame.details}>
      <summary>{t('rejects.payload', { size, at: format.dateTime(receivedAt) })}</summary>
      <Code block>{payload}</Code>
    </details>
  );
}
