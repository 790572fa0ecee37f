import type { AuditEntryView } from '#contracts';
import { Code, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { audit } from '../../i18n/messages/audit.js';
import frame from '../../parts/entries.module.css';
import { TextLink } from '../../parts/links.js';
import classes from './audit-list.module.css';

type KnownAction = keyof typeof audit.sv.action;

/** `trial.move` is written `trial_move` in the catalogue: a full stop there separates keys. */
const keyOf = (action: string): string => action.replaceAll('.', '_');
const isKnown = (key: string): key is KnownAction => key in audit.sv.action;

/** One sentence an entry, who did what, with its reason; what was set opens on demand. */
export function AuditList({ entries }: { entries: AuditEntryView[] }) {
  return (
    <ol className={frame.list}>
      {entries.map((entry) => (
        <li key={entry.id} className={classes.entry}>
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: AuditEntryView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const key = keyOf(entry.action);
  const isChanged = Object.keys(entry.changes).length > 0;
  return (
    <>
      <Text component="time" size="sm" c="dimmed" dateTime={entry.at} className={classes.at}>
        {format.dateTime(entry.at)}
      </Text>
      <div className={classes.what}>
        <div>
          <strong>{entry.actorName}</strong> {isKnown(key) ? t(`audit.action.${key}`) : entry.action}{' '}
          <Subject entry={entry} />
        </div>
        {entry.reason !== null && (
          <Text size="sm">
            {t('forms.reason')}: {entry.reason}
          </Text>
        )}
        {isChanged && (
          <details className={frame.details}>
            <summary>{t('audit.changes')}</summary>
            <Code block>{JSON.stringify(entry.changes, null, 2)}</Code>
          </details>
        )}
      </div>
    </>
  );
}

function Subject({ entry: { subjectKind, subjectId } }: { entry: AuditEntryView }) {
  const { t } = useTranslation();
  if (subjectId === null) return null;
  const text = t('audit.show');
  if (subjectKind === 'trial')
    return (
      <TextLink to="/trials/$id" params={{ id: subjectId }} size="sm">
        {text}
      </TextLink>
    );
  if (subjectKind === 'device')
    return (
      <TextLink to="/devices/$id" params={{ id: subjectId }} size="sm">
        {text}
      </TextLink>
    );
  if (subjectKind === 'gateway')
    return (
      <TextLink to="/gateways/$id" params={{ id: subjectId }} size="sm">
        {text}
      </TextLink>
    );
  if (subjectKind === 'product')
    return (
      <TextLink to="/products/$id" params={{ id: subjectId }} size="sm">
        {text}
      </TextLink>
    );
  return null;
}
