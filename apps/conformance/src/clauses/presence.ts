import type { Text } from '#domain';
import { isRejection, type Rejection } from '#telemetry';
import { failed, judgeEach, notSeen, passed, same, type Clause } from '../clause.js';
import type { Message, Watched } from '../watched.js';

/** [assumption] */
const ONLINE_WITHIN_MS = 30_000;
/** A timer is not a clock: a tenth more than the interval is still the interval. */
const TIMER_SLACK = 1.1;

const stateOnline: Clause = {
  id: 'state-online',
  level: 'required',
  title: {
    sv: 'Säger {"state":"online"} efter varje anslutning',
    en: 'Says {"state":"online"} after every connection',
  },
  mend: {
    sv: `Publicera {"state":"online"} på state-ämnet med QoS 1 och retain, inom ${ONLINE_WITHIN_MS / 1000} s efter anslutningen.`,
    en: `Publish {"state":"online"} on the state topic with QoS 1 and retain, within ${ONLINE_WITHIN_MS / 1000} s of connecting.`,
  },
  judge({ connections, states }) {
    const online = states.filter(({ report }) => !isRejection(report) && report.state === 'online');
    const isTold = (number: number, fromMs: number): boolean =>
      online.some(({ message }) => message.connection === number && message.atMs - fromMs <= ONLINE_WITHIN_MS);
    const silent = connections.filter(
      ({ number, fromMs, toMs }) => !isTold(number, fromMs) && toMs - fromMs > ONLINE_WITHIN_MS,
    );
    const count = `${connections.length - silent.length}/${connections.length}`;
    if (silent.length > 0) return failed({ sv: `${count} anslutningar.`, en: `${count} connections.` });
    return online.length > 0
      ? passed({ sv: `${online.length} gånger.`, en: `${online.length} times.` })
      : notSeen({ sv: 'Ingen anslutning varade länge nog.', en: 'No connection lasted long enough.' });
  },
};

const reportFault = (report: object | Rejection): Text | null =>
  isRejection(report) ? same(`${report.code}: ${report.reason}`) : null;

const stateValid: Clause = {
  id: 'state-valid',
  level: 'required',
  title: { sv: 'Varje state är giltigt, QoS 1, sparat', en: 'Every state is valid, QoS 1, retained' },
  mend: {
    sv: 'Skicka {"state":"online"|"offline"|"sleeping"|"lost","at"?} med QoS 1 och retain.',
    en: 'Send {"state":"online"|"offline"|"sleeping"|"lost","at"?} with QoS 1 and retain.',
  },
  judge: ({ states }) =>
    judgeEach(states, ({ message: { qos, retain }, report }) =>
      qos === 1 && retain ? reportFault(report) : same(`QoS ${qos}, retain ${retain}`),
    ),
};

const healthValid: Clause = {
  id: 'health-valid',
  level: 'required',
  title: { sv: 'Rapporterar hälsa, och giltigt', en: 'Reports its health, and validly' },
  mend: {
    sv: 'Skicka {"battery"?: 0–100, "signal"?: dBm, "firmware"?, "at"?} på health-ämnet.',
    en: 'Send {"battery"?: 0–100, "signal"?: dBm, "firmware"?, "at"?} on the health topic.',
  },
  judge: ({ healths }) => judgeEach(healths, ({ report }) => reportFault(report)),
};

const battery: Clause = {
  id: 'battery',
  level: 'required',
  title: { sv: 'Rapporterar batteriets nivå', en: 'Reports its battery level' },
  mend: {
    sv: 'Ta med "battery" i procent i varje hälsorapport.',
    en: 'Include "battery" in percent in every health report.',
  },
  appliesTo: ({ power }) => power === 'battery',
  judge({ healths }) {
    const reports = healths.flatMap(({ report }) => (isRejection(report) ? [] : [report]));
    const levels = reports.flatMap(({ battery: level }) => level ?? []);
    if (levels.length > 0) return passed(same(`${levels.at(-1)} %`));
    if (reports.length > 0) return failed({ sv: 'Hälsa utan batteri.', en: 'Health without a battery.' });
    return notSeen({ sv: 'Ingen hälsorapport kom.', en: 'No health report came.' });
  },
};

const notSilent: Clause = {
  id: 'not-silent',
  level: 'required',
  title: { sv: 'Är aldrig tyst längre än familjen tillåter', en: 'Is never silent longer than its family allows' },
  mend: {
    sv: 'Skicka hälsa med familjens intervall även när apparaten inte används, och spara den vid avbrott.',
    en: 'Send health at the family’s interval also when the device is not used, and keep it through outages.',
  },
  judge(watched) {
    const { expectedIntervalSeconds, tolerance, heartbeatSeconds } = watched.family;
    const signs = signsOfLife(watched, ['usage', 'state', 'health']);
    return judgeGaps(watched, { signs, allowedSeconds: expectedIntervalSeconds * tolerance, heartbeatSeconds });
  },
};

const heartbeat: Clause = {
  id: 'heartbeat',
  level: 'recommended',
  title: { sv: 'Hjärtslag med familjens intervall', en: 'Heartbeats at the family’s interval' },
  mend: {
    sv: 'Skicka hälsa eller state minst en gång per intervall, oberoende av användning.',
    en: 'Send health or state at least once per interval, whatever the use.',
  },
  judge(watched) {
    const { heartbeatSeconds } = watched.family;
    const signs = signsOfLife(watched, ['state', 'health']);
    return judgeGaps(watched, { signs, allowedSeconds: heartbeatSeconds * TIMER_SLACK, heartbeatSeconds });
  },
};

/** The times of signs of life, by the device's clock or else that of receipt, in order. */
function signsOfLife(watched: Watched, channels: readonly Message['channel'][]): number[] {
  const { usages, states, healths } = watched;
  const reported = [...states, ...healths].map(({ message, report }) =>
    isRejection(report) ? { message, atMs: message.atMs } : { message, atMs: report.atMs },
  );
  return [...reported, ...usages.map(({ message, atMs }) => ({ message, atMs: atMs ?? message.atMs }))]
    .filter(({ message }) => channels.includes(message.channel))
    .map(({ atMs }) => atMs)
    .sort((one, other) => one - other);
}

/** Fails at a longer gap; passes when what was seen spans at least one whole interval. */
function judgeGaps(
  { run, pauses }: Watched,
  given: { signs: readonly number[]; allowedSeconds: number; heartbeatSeconds: number },
) {
  const { signs, allowedSeconds, heartbeatSeconds } = given;
  const [first] = signs;
  if (first === undefined) return notSeen({ sv: 'Inget livstecken kom.', en: 'No sign of life came.' });
  // A heartbeat that the kit itself kept out may be lost.
  const refusedMs = pauses.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
  const ends = [...signs.slice(1), Math.max(run.endedAtMs, signs.at(-1) ?? 0)];
  // One by one: a week's signs are more than a call takes as arguments.
  const gapMs = ends.reduce((longest, end, index) => Math.max(longest, end - (signs[index] ?? end)), 0);
  const gapSeconds = Math.round(gapMs / 1000);
  const spanSeconds = Math.round(((signs.at(-1) ?? first) - first) / 1000);
  const seen = {
    sv: `Längst ${gapSeconds} s tyst under ${spanSeconds} s; högst ${Math.round(allowedSeconds)} s tillåts.`,
    en: `Silent for at most ${gapSeconds} s during ${spanSeconds} s; at most ${Math.round(allowedSeconds)} s are allowed.`,
  };
  if (gapSeconds > allowedSeconds + refusedMs / 1000) return failed(seen);
  if (spanSeconds * TIMER_SLACK >= heartbeatSeconds) return passed(seen);
  return notSeen({
    sv: `Bara ${spanSeconds} s sågs av ett intervall på ${heartbeatSeconds} s. Kör längre (--minutes).`,
    en: `Only ${spanSeconds} s of an interval of ${heartbeatSeconds} s were seen. Run for longer (--minutes).`,
  });
}

export const PRESENCE_CLAUSES = [stateOnline, stateValid, healthValid, battery, notSilent, heartbeat];
