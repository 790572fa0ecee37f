import { MAX_AHEAD_MS } from '#contracts';
import type { Family, Text } from '#domain';
import { canonicalJson, isRejection, parsePayload, type Rejection } from '#telemetry';
import { failed, judgeEach, notSeen, passed, quoted, same, type Clause } from '../clause.js';
import { findPersonalData } from '../personal-data.js';
import type { UsageSeen } from '../watched.js';

const usageQos: Clause = {
  id: 'usage-qos',
  level: 'required',
  title: { sv: 'Användning skickas med QoS 1', en: 'Usage is sent at QoS 1' },
  mend: {
    sv: 'Publicera användning med QoS 1 och vänta på kvittensen (PUBACK) innan meddelandet glöms.',
    en: 'Publish usage at QoS 1, and wait for the acknowledgement (PUBACK) before forgetting the message.',
  },
  judge: ({ usageMessages }) => judgeEach(usageMessages, ({ qos }) => (qos === 1 ? null : same(`QoS ${qos}`))),
};

const usageRetain: Clause = {
  id: 'usage-not-retained',
  level: 'required',
  title: { sv: 'Användning skickas utan retain', en: 'Usage is not retained' },
  mend: { sv: 'Sätt inte retain på användning.', en: 'Do not set retain on usage.' },
  judge: ({ usageMessages }) =>
    judgeEach(usageMessages, ({ retain }) => (retain ? { sv: 'retain är satt', en: 'retain is set' } : null)),
};

const usageValid: Clause = {
  id: 'usage-valid',
  level: 'required',
  title: { sv: 'Användning är giltig enligt familjen', en: 'Usage is valid by its family' },
  mend: {
    sv: 'Skicka JSON i UTF-8 med familjens mått; felkoden säger vad som är fel (se apparatkontraktet).',
    en: 'Send JSON in UTF-8 with the family’s metrics; the code says what is wrong (see the device contract).',
  },
  judge: ({ usageMessages, faultsOf }) => judgeEach(usageMessages, (message) => faultText(faultsOf(message))),
};

function faultText([first]: readonly Rejection[]): Text | null {
  if (!first) return null;
  return same(`${first.code}${first.element === null ? '' : ` [${first.element}]`}: ${first.reason}`);
}

const usageId: Clause = {
  id: 'usage-id',
  level: 'required',
  title: { sv: 'Varje användning har ett id', en: 'Every usage has an id' },
  mend: {
    sv: 'Ge varje användning ett eget id, t.ex. ett löpnummer. Utan id går en omsändning inte att känna igen.',
    en: 'Give every usage an id of its own, such as a running number. Without one a repeat cannot be told.',
  },
  judge: ({ usages }) =>
    judgeEach(usages, ({ content }) => (content['id'] === undefined ? same(quoted(content)) : null)),
};

const usageIdUnique: Clause = {
  id: 'usage-id-unique',
  level: 'required',
  title: { sv: 'Ett id används aldrig om', en: 'No id is used twice for different content' },
  mend: {
    sv: 'Räkna id vidare även efter omstart och byte av batteri; skicka om med exakt samma innehåll.',
    en: 'Go on counting ids across restarts and battery changes; repeat with exactly the same content.',
  },
  judge({ usages }) {
    const named = usages.filter(({ content }) => content['id'] !== undefined);
    const first = new Map<unknown, UsageSeen>();
    return judgeEach(named, (usage) => {
      const earlier = first.get(usage.content['id']);
      if (!earlier || isSessionEnd(earlier, usage)) first.set(usage.content['id'], usage);
      else if (contentOf(earlier) !== contentOf(usage) && !isSessionEnd(usage, earlier)) {
        return same(`id ${quoted(usage.content['id'])}`);
      }
      return null;
    });
  },
};

const contentOf = ({ content }: UsageSeen): string => canonicalJson(content);

/** Rule U3: the same usage with an `until` added is the end of a session. */
function isSessionEnd(start: UsageSeen, end: UsageSeen): boolean {
  if (start.untilMs !== null || end.untilMs === null) return false;
  const withoutEnd = ({ content }: UsageSeen): string =>
    canonicalJson({ ...content, until: null, value: null, attributes: null });
  return withoutEnd(start) === withoutEnd(end);
}

const usageAt: Clause = {
  id: 'usage-at',
  level: 'required',
  title: { sv: 'Varje användning har en egen tid', en: 'Every usage has its own time' },
  mend: {
    sv: 'Sätt "at" till tiden då det hände, enligt apparatens klocka, oförändrad vid omsändning.',
    en: 'Set "at" to when it happened by the device’s clock, unchanged when sent again.',
  },
  judge: ({ usages }) => judgeEach(usages, ({ content, atMs }) => (atMs === null ? same(quoted(content)) : null)),
};

const usageTimeForm: Clause = {
  id: 'usage-time-form',
  level: 'recommended',
  title: { sv: 'Tider i RFC 3339 eller Unix-millisekunder', en: 'Times in RFC 3339 or Unix milliseconds' },
  mend: {
    sv: 'Skicka t.ex. "2026-11-22T08:15:00.000Z". Sekunder tas emot men döljer ordningen inom en sekund.',
    en: 'Send such as "2026-11-22T08:15:00.000Z". Seconds are taken but hide the order within a second.',
  },
  judge: ({ usages }) =>
    judgeEach(usages, ({ content: { at } }) =>
      typeof at === 'number' && Math.abs(at) < 1e11 ? same(`at ${at}`) : null,
    ),
};

const clock: Clause = {
  id: 'clock',
  level: 'required',
  title: { sv: 'Klockan går rätt inom ± 5 minuter', en: 'The clock is right within ± 5 minutes' },
  mend: {
    sv: 'Ställ klockan mot en tidsserver (NTP) och skicka UTC eller med rätt tidszon.',
    en: 'Set the clock by a time server (NTP), and send UTC or the right offset.',
  },
  judge({ usages }) {
    const stamps = usages.flatMap(({ message, atMs, untilMs }) => {
      const lastMs = untilMs ?? atMs;
      return lastMs === null ? [] : [message.atMs - lastMs];
    });
    if (stamps.length === 0) return notSeen({ sv: 'Ingen användning med tid kom.', en: 'No usage with a time came.' });
    // A backlog comes late without the clock being wrong: the smallest delay tells the skew.
    const skewMs = stamps.reduce((least, one) => Math.min(least, one));
    const seconds = Math.abs(Math.round(skewMs / 1000));
    const seen =
      skewMs < 0
        ? { sv: `Minst ${seconds} s före.`, en: `At least ${seconds} s ahead.` }
        : { sv: `Högst ${seconds} s efter, nätet inräknat.`, en: `At most ${seconds} s behind, the network included.` };
    return Math.abs(skewMs) <= MAX_AHEAD_MS ? passed(seen) : failed(seen);
  },
};

const hasSessions = ({ metrics }: Family): boolean => metrics.some(({ kind }) => kind === 'session');

const sessionEnd: Clause = {
  id: 'session-end',
  level: 'required',
  title: { sv: 'Varje session får ett slut', en: 'Every session gets its end' },
  mend: {
    sv: 'Skicka "until" när sessionen är slut: i samma meddelande, eller samma id och "at" en gång till med "until".',
    en: 'Send "until" when the session is over: in one message, or the same id and "at" once more with "until".',
  },
  appliesTo: hasSessions,
  judge({ usages, family }) {
    const names = family.metrics.filter(({ kind }) => kind === 'session').map(({ name }) => name);
    const sessions = usages.filter(({ content }) => names.some((name) => name === content['metric']));
    const isEnded = (one: UsageSeen): boolean =>
      one.untilMs !== null || one.content['value'] !== undefined || sessions.some((other) => isSessionEnd(one, other));
    const open = sessions.filter((one) => !isEnded(one));
    const isOver = (one: UsageSeen): boolean =>
      sessions.some(
        ({ content, atMs }) => content['metric'] === one.content['metric'] && (atMs ?? 0) > (one.atMs ?? 0),
      );
    if (open.length > 0 && !open.some(isOver)) {
      return notSeen({ sv: 'Den sista sessionen pågick ännu.', en: 'The last session was still going on.' });
    }
    return judgeEach(sessions, (one) => (!isEnded(one) && isOver(one) ? same(quoted(one.content)) : null));
  },
};

const attributes: Clause = {
  id: 'attributes',
  level: 'recommended',
  title: { sv: 'Inga attribut utöver familjens', en: 'No attributes beyond the family’s' },
  mend: {
    sv: 'Ta bort dem: de lagras aldrig, bara räknas.',
    en: 'Take them away: they are never stored, only counted.',
  },
  judge: ({ usageMessages, droppedAttributesOf }) =>
    judgeEach(usageMessages, (message) => {
      const dropped = droppedAttributesOf(message);
      return dropped > 0 ? { sv: `${dropped} okända`, en: `${dropped} unknown` } : null;
    }),
};

const personalData: Clause = {
  id: 'personal-data',
  level: 'required',
  title: { sv: 'Inget som ser ut som personuppgifter', en: 'Nothing that looks like personal data' },
  mend: {
    sv: 'Skicka aldrig namn, personnummer, e-post, telefon eller personalens id; en roll räcker.',
    en: 'Never send names, personal numbers, e-mail, phones or staff ids; a role is enough.',
  },
  judge: ({ messages }) =>
    judgeEach(messages, ({ bytes }) => {
      const parsed = parsePayload(bytes);
      const found = findPersonalData(isRejection(parsed) ? bytes.toString() : parsed.json);
      return found.length > 0 ? same(found.slice(0, 3).join(', ')) : null;
    }),
};

export const USAGE_CLAUSES = [
  usageQos,
  usageRetain,
  usageValid,
  usageId,
  usageIdUnique,
  usageAt,
  usageTimeForm,
  clock,
  sessionEnd,
  attributes,
  personalData,
];
