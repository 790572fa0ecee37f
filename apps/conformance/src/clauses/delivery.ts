import { canonicalJson } from '#telemetry';
import { failed, notSeen, passed, quoted, same, type Clause } from '../clause.js';
import type { Message, Stretch, UsageSeen, Watched } from '../watched.js';

/** [assumption] A device that is back sends again what was not acknowledged within this time. */
const REPEAT_WITHIN_MS = 60_000;
/** With so many usages expected in a stretch, none at all has a chance below 1 %: e^−5. */
const EXPECTED_AT_LEAST = 5;

const NOT_TRIED = notSeen({
  sv: 'Provet kom inte så långt: ingen användning kom med QoS 1. Använd apparaten under körningen.',
  en: 'The kit did not come that far: no usage came at QoS 1. Use the device during the run.',
});

const redelivery: Clause = {
  id: 'redelivery',
  level: 'required',
  title: {
    sv: 'Skickar om det som inte kvitterades, med samma id och tid',
    en: 'Sends again what was not acknowledged, with the same id and time',
  },
  mend: {
    sv: 'Behåll meddelandet tills PUBACK kom, och skicka annars om det oförändrat efter återanslutningen.',
    en: 'Keep the message until its PUBACK came; else send it again unchanged after reconnecting.',
  },
  judge(watched) {
    const withheld = withheldOf(watched);
    if (!withheld) return NOT_TRIED;
    const missing = usagesIn(watched, withheld).filter((usage) => !isSentAgain(watched, usage));
    if (missing.length === 0) return passed({ sv: 'Oförändrat.', en: 'Unchanged.' });
    const changed = missing.find((usage) => laterWithId(watched, usage) !== undefined);
    if (changed) {
      const after = quoted(laterWithId(watched, changed)?.content);
      return failed({ sv: `Ändrat: ${after}`, en: `Changed: ${after}` });
    }
    if (!hadTimeToRepeat(watched, withheld)) return notSeen({ sv: 'För kort körning.', en: 'The run was too short.' });
    const lost = quoted(missing[0]?.content);
    return failed({ sv: `Kom aldrig igen: ${lost}`, en: `Never came again: ${lost}` });
  },
};

const redeliveryDup: Clause = {
  id: 'redelivery-dup',
  level: 'recommended',
  title: {
    sv: 'Omsändningen bär DUP och samma paketnummer',
    en: 'The repeat carries DUP and the same packet identifier',
  },
  mend: {
    sv: 'Behåll MQTT-sessionens utgående meddelanden över omanslutningen [MQTT-4.4.0-1].',
    en: 'Keep the MQTT session’s outgoing messages across the reconnection [MQTT-4.4.0-1].',
  },
  judge(watched) {
    const withheld = withheldOf(watched);
    if (!withheld) return NOT_TRIED;
    const again = watched.usageMessages.find((one) => one.atMs > withheld.atMs && one.payload === withheld.payload);
    if (!again) return notSeen({ sv: 'Ingen likadan omsändning.', en: 'No such repeat.' });
    const seen = same(`DUP ${again.dup}, ${withheld.messageId} → ${again.messageId}`);
    return again.dup && again.messageId === withheld.messageId ? passed(seen) : failed(seen);
  },
};

const offline: Clause = {
  id: 'offline-buffer',
  level: 'required',
  title: {
    sv: 'Sparar användning under avbrott och skickar den efteråt',
    en: 'Keeps usage through an outage and sends it after',
  },
  mend: {
    sv: 'Lagra användning i apparaten när det inte går att ansluta, och skicka den med sin egen tid efteråt.',
    en: 'Store usage in the device while it cannot connect, and send it with its own time afterwards.',
  },
  judge(watched) {
    const [pause] = watched.pauses;
    if (!pause) return NOT_TRIED;
    const kept = watched.usages.filter((usage) => isIn(usage, pause) && usage.message.atMs >= pause.toMs);
    const count = new Set(kept.map(({ content }) => canonicalJson(content))).size;
    if (count > 0) return passed({ sv: `${count} från avbrottet.`, en: `${count} from the outage.` });
    const expected = expectedIn(watched, pause);
    const isBack = watched.usages.some(({ message, atMs }) => message.atMs >= pause.toMs && (atMs ?? 0) >= pause.toMs);
    if (isBack && expected >= EXPECTED_AT_LEAST) {
      const about = Math.round(expected);
      return failed({ sv: `Ingen av omkring ${about} väntade.`, en: `None of about ${about} expected.` });
    }
    return notSeen({
      sv: 'Ingen användning gjordes under avbrottet. Använd apparaten när provet säger till.',
      en: 'No usage was made during the outage. Use the device when the kit says so.',
    });
  },
};

const sequence: Clause = {
  id: 'sequence',
  level: 'recommended',
  title: { sv: 'Inga luckor i löpnumren', en: 'No gaps in running numbers' },
  mend: {
    sv: 'Räkna id från ett och uppåt och skicka alla: då syns att inget försvunnit.',
    en: 'Count ids upwards by one and send them all: then it shows that nothing was lost.',
  },
  judge({ usages }) {
    const numbers = runningNumbers(usages);
    if (numbers.length < 3) return notSeen({ sv: 'Id är inga löpnummer.', en: 'The ids are no running numbers.' });
    const span = (numbers.at(-1) ?? 0) - (numbers[0] ?? 0) + 1;
    const seen = { sv: `${numbers.length} av ${span}.`, en: `${numbers.length} of ${span}.` };
    return numbers.length === span ? passed(seen) : failed(seen);
  },
};

const withheldOf = ({ usageMessages }: Watched): Message | undefined =>
  usageMessages.find(({ answer }) => answer === 'withheld');

const usagesIn = ({ usages }: Watched, message: Message): UsageSeen[] =>
  usages.filter((one) => one.message === message);

function isSentAgain({ usages }: Watched, sent: UsageSeen): boolean {
  const content = canonicalJson(sent.content);
  return usages.some((one) => one.message.atMs > sent.message.atMs && canonicalJson(one.content) === content);
}

function laterWithId({ usages }: Watched, { content, message }: UsageSeen): UsageSeen | undefined {
  if (content['id'] === undefined) return undefined;
  return usages.find((one) => one.message.atMs > message.atMs && one.content['id'] === content['id']);
}

function hadTimeToRepeat({ connections, pauses, run }: Watched, withheld: Message): boolean {
  const back = connections.find(({ fromMs }) => fromMs > withheld.atMs);
  const endMs = Math.min(
    run.endedAtMs,
    ...pauses.filter(({ fromMs }) => fromMs > withheld.atMs).map((one) => one.fromMs),
  );
  return back !== undefined && endMs - back.fromMs >= REPEAT_WITHIN_MS;
}

const isIn = ({ atMs }: UsageSeen, { fromMs, toMs }: Stretch): boolean =>
  atMs !== null && atMs >= fromMs && atMs < toMs;

/** By the pace of the run before the stretch. */
function expectedIn({ usages, run }: Watched, stretch: Stretch): number {
  const before = { fromMs: run.startedAtMs, toMs: stretch.fromMs };
  const count = new Set(usages.filter((one) => isIn(one, before)).map(({ content }) => canonicalJson(content))).size;
  return (count / Math.max(1, before.toMs - before.fromMs)) * (stretch.toMs - stretch.fromMs);
}

/** The numbers at the end of the ids, each once and in order, when all ids but for them are alike. */
function runningNumbers(usages: readonly UsageSeen[]): number[] {
  const ids = usages.map(({ content }) => content['id']).filter((id) => typeof id === 'string');
  const parts = ids.map((id) => /^(.*?)(\d{1,15})$/.exec(id));
  if (parts.length < usages.length || parts.some((part) => part === null)) return [];
  if (new Set(parts.map((part) => part?.[1])).size !== 1) return [];
  return [...new Set(parts.map((part) => Number(part?.[2])))].sort((one, other) => one - other);
}

export const DELIVERY_CLAUSES = [redelivery, redeliveryDup, offline, sequence];
