import type { Text } from '#domain';
import type { Verdict } from './clause.js';
import type { Judged, Report } from './judge.js';

export type Language = keyof Text;

const VERDICTS: Readonly<Record<Verdict, Text>> = {
  pass: { sv: 'GODKÄNT', en: 'PASS' },
  fail: { sv: 'UNDERKÄNT', en: 'FAIL' },
  not_seen: { sv: 'EJ SETT', en: 'NOT SEEN' },
};
const LEVELS: Readonly<Record<Judged['level'], Text>> = {
  required: { sv: 'Krav', en: 'Required' },
  recommended: { sv: 'Rekommendation', en: 'Recommended' },
};
const MEND: Text = { sv: 'Gör så här:', en: 'To mend it:' };

/** The report for people, required clauses first. */
export function printed(report: Report, language: Language): string {
  const groups = (['required', 'recommended'] as const).flatMap((level) => {
    const clauses = report.clauses.filter((clause) => clause.level === level);
    return ['', `${LEVELS[level][language]} (${clauses.length})`, ...clauses.flatMap((one) => lines(one, language))];
  });
  return [...heading(report, language), ...groups, '', result(report)[language], ''].join('\n');
}

function lines({ id, verdict, title, seen, mend }: Judged, language: Language): string[] {
  const first = `  ${VERDICTS[verdict][language].padEnd(10)} ${id}: ${title[language]}`;
  const more = [seen[language], ...(mend ? [`${MEND[language]} ${mend[language]}`] : [])];
  return [first, ...more.map((line) => `             ${line}`)];
}

function heading(report: Report, language: Language): string[] {
  const { kitVersion, family, deviceId, startedAt, endedAt, observations } = report;
  const title = { sv: 'Leverantörsprov av apparatkontraktet', en: 'Supplier’s test of the device contract' }[language];
  return [
    `${title}, ${kitVersion}`,
    `${family}, ${deviceId}, ${startedAt} – ${endedAt}`,
    `${observations.count} ${{ sv: 'iakttagelser', en: 'observations' }[language]}, SHA-256 ${observations.sha256}`,
  ];
}

function result({ hasPassed, clauses }: Report): Text {
  const required = clauses.filter(({ level }) => level === 'required');
  const count = required.filter(({ verdict }) => verdict === 'pass').length;
  return hasPassed
    ? { sv: `GODKÄNT: alla ${count} krav är uppfyllda.`, en: `PASS: all ${count} requirements are met.` }
    : {
        sv: `INTE GODKÄNT: ${count} av ${required.length} krav är uppfyllda.`,
        en: `NOT PASSED: ${count} of ${required.length} requirements are met.`,
      };
}
