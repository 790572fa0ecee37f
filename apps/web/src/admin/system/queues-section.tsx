import type { RejectCode, SystemView } from '#contracts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';
import { Facts } from '../../forms/facts.js';
import { Section } from '../../forms/section.js';
import { TextLink } from '../../parts/links.js';

/** Under so many weeks ahead health is degraded (rule U6). */
const WEEKS_AHEAD_WARNING = 2;

/** What waits, what was refused, and how far ahead there is room. */
export function QueuesSection({ system }: { system: SystemView }) {
  const { t } = useTranslation();
  const { number } = useFormat();
  return (
    <Section title={t('system.queuesTitle')}>
      <Facts
        rows={[
          { label: t('system.partitions'), value: <Partitions weeks={system.partitionWeeksAhead} /> },
          { label: t('system.dirtyDays'), value: number(system.dirtyDays) },
          { label: t('system.jobsWaiting'), value: number(system.jobs.waiting) },
          { label: t('system.jobsFailed'), value: number(system.jobs.failed) },
          { ...useRejects(system.rejects) },
        ]}
      />
    </Section>
  );
}

function Partitions({ weeks }: { weeks: number | null }) {
  const { t } = useTranslation();
  if (weeks === null) return '–';
  const text = t('system.weeks', { count: weeks });
  return weeks < WEEKS_AHEAD_WARNING ? t('system.weeksFew', { weeks: text }) : text;
}

function useRejects({ since, byCode }: SystemView['rejects']) {
  const { t } = useTranslation();
  const { hour, number } = useFormat();
  const label = t('system.rejects', { hour: hour(since) });
  if (byCode.length === 0) return { label, value: t('system.noRejects') };
  const lines = byCode.map(({ code, count }) => `${t(`rejects.reason.${code as RejectCode}`)}: ${number(count)}`);
  const value = (
    <>
      {lines.join('\n')}
      {'\n'}
      <TextLink to="/rejects">{t('system.showRejects')}</TextLink>
    </>
  );
  return { label, value };
}
