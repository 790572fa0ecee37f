import { Checkbox, NativeSelect, Radio, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Section } from '../forms/section.js';
import type { PartProps } from './channel-section.js';
import classes from './preferences.module.css';

const HOURS = Array.from({ length: 24 }, (_, hour) => ({
  value: String(hour),
  label: `${String(hour).padStart(2, '0')}:00`,
}));
/** Assumptions to begin with: a morning's mail, and the night. */
const FIRST_DIGEST_HOUR = 8;
const FIRST_QUIET = { fromHour: 21, toHour: 7 };

interface HourChoiceProps {
  label: string;
  value: number;
  error?: string | undefined;
  onChange: (hour: number) => void;
}

function HourChoice({ label, value, error, onChange }: HourChoiceProps) {
  return (
    <NativeSelect
      label={label}
      data={HOURS}
      value={String(value)}
      error={error}
      onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}
    />
  );
}

/** At once or daily, the quiet hours, and whether what is critical keeps to them. */
export function WhenSection({ view, chosen, onChange }: PartProps) {
  const { t } = useTranslation();
  const { address } = view.mail;
  return (
    <Section
      title={t('notifications.preferences.when')}
      lead={t('notifications.preferences.whenLead', { address, zone: view.timeZone })}
    >
      <Rhythm chosen={chosen} onChange={onChange} />
      <Quiet chosen={chosen} onChange={onChange} />
      <Checkbox
        label={t('notifications.preferences.critical')}
        description={t('notifications.preferences.criticalExplained')}
        checked={chosen.isCriticalAtOnce}
        onChange={({ currentTarget }) => onChange({ isCriticalAtOnce: currentTarget.checked })}
      />
    </Section>
  );
}

type ChoiceProps = Pick<PartProps, 'chosen' | 'onChange'>;

function Rhythm({ chosen: { digestHour }, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <>
      <Radio.Group
        label={t('notifications.preferences.rhythm')}
        value={digestHour === null ? 'atOnce' : 'daily'}
        onChange={(value) => onChange({ digestHour: value === 'daily' ? FIRST_DIGEST_HOUR : null })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="atOnce" label={t('notifications.preferences.atOnce')} />
          <Radio value="daily" label={t('notifications.preferences.daily')} />
        </Stack>
      </Radio.Group>
      {digestHour !== null && (
        <div className={classes.hours}>
          <HourChoice
            label={t('notifications.preferences.dailyHour')}
            value={digestHour}
            onChange={(hour) => onChange({ digestHour: hour })}
          />
        </div>
      )}
    </>
  );
}

function Quiet({ chosen: { quiet }, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  const isSame = quiet !== null && quiet.fromHour === quiet.toHour;
  return (
    <>
      <Checkbox
        label={t('notifications.preferences.quiet')}
        description={t('notifications.preferences.quietExplained')}
        checked={quiet !== null}
        onChange={({ currentTarget }) => onChange({ quiet: currentTarget.checked ? FIRST_QUIET : null })}
      />
      {quiet !== null && (
        <div className={classes.hours}>
          <HourChoice
            label={t('notifications.preferences.quietFrom')}
            value={quiet.fromHour}
            onChange={(fromHour) => onChange({ quiet: { ...quiet, fromHour } })}
          />
          <HourChoice
            label={t('notifications.preferences.quietTo')}
            value={quiet.toHour}
            error={isSame ? t('notifications.preferences.quietSame') : undefined}
            onChange={(toHour) => onChange({ quiet: { ...quiet, toHour } })}
          />
        </div>
      )}
    </>
  );
}
