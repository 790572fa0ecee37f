import type { NotificationPreferences, NotificationPreferencesView } from '#contracts';
import type { NotificationChannels, NotificationKind } from '#domain';
import { Checkbox, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import classes from './preferences.module.css';

export interface PartProps {
  view: NotificationPreferencesView;
  chosen: NotificationPreferences;
  onChange: (part: Partial<NotificationPreferences>) => void;
}

/** Each kind that one's roles can receive, and by which ways. */
export function ChannelSection({ view, chosen, onChange }: PartProps) {
  const { t } = useTranslation();
  const choose = (kind: NotificationKind, part: Partial<NotificationChannels>): void =>
    onChange({ channels: { ...chosen.channels, [kind]: { ...chosen.channels[kind], ...part } } });
  return (
    <Section title={t('notifications.preferences.what')} lead={t('notifications.preferences.whatLead')}>
      {view.kinds.length === 0 ? (
        <Text>{t('notifications.preferences.noKinds')}</Text>
      ) : (
        <table className={classes.channels}>
          <thead>
            <tr>
              <th scope="col">{t('notifications.preferences.kind')}</th>
              <th scope="col">{t('notifications.preferences.app')}</th>
              <th scope="col">{t('notifications.preferences.email')}</th>
            </tr>
          </thead>
          <tbody>
            {view.kinds.map((kind) => {
              const name = t(`notifications.preferences.kinds.${kind}`);
              return (
                <tr key={kind}>
                  <th scope="row">{name}</th>
                  <td>
                    <Checkbox
                      aria-label={`${name}: ${t('notifications.preferences.app')}`}
                      checked={chosen.channels[kind].app}
                      onChange={({ currentTarget }) => choose(kind, { app: currentTarget.checked })}
                    />
                  </td>
                  <td>
                    <Checkbox
                      aria-label={`${name}: ${t('notifications.preferences.email')}`}
                      disabled={!view.mail.isPossible}
                      checked={view.mail.isPossible && chosen.channels[kind].email}
                      onChange={({ currentTarget }) => choose(kind, { email: currentTarget.checked })}
                    />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
}
