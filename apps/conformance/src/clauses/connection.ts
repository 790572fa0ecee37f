import { TOPIC_ROOT, upwardTopic } from '#contracts';
import { isRejection, decodeState } from '#telemetry';
import { failed, judgeEach, notSeen, passed, quoted, same, type Clause } from '../clause.js';
import type { ConnectSeen, Will } from '../observation.js';
import type { Connection, Watched } from '../watched.js';

/** [assumption] A lost device is noticed after one and a half times its keep alive: 7.5 minutes at most. */
const KEEPALIVE_MAX_SECONDS = 300;
/** [assumption] How soon a device tries again after a lost connection, once it can. */
const RECONNECT_MS = 120_000;

const NEVER_IN = notSeen({ sv: 'Apparaten loggade aldrig in.', en: 'The device never logged in.' });

const mqttVersion: Clause = {
  id: 'mqtt-version',
  level: 'required',
  title: { sv: 'Ansluter med MQTT 3.1.1', en: 'Connects by MQTT 3.1.1' },
  mend: {
    sv: 'Ställ klienten på MQTT 3.1.1 (protokollnivå 4). MQTT 5 besvaras med 0x84, MQTT 3.1 är för gammalt.',
    en: 'Set the client to MQTT 3.1.1 (protocol level 4). MQTT 5 is answered with 0x84, MQTT 3.1 is too old.',
  },
  judge({ connects }) {
    const last = connects.at(-1);
    if (!last) return notSeen({ sv: 'Ingen anslutning kom.', en: 'No connection came.' });
    if (last.protocolVersion === 4) return passed(same('MQTT 3.1.1.'));
    return failed({
      sv: `Apparaten talar protokollnivå ${last.protocolVersion}.`,
      en: `The device speaks protocol level ${last.protocolVersion}.`,
    });
  },
};

const logIn: Clause = {
  id: 'log-in',
  level: 'required',
  title: { sv: 'Loggar in med användarnamn och hemlighet', en: 'Logs in with user name and secret' },
  mend: {
    sv: 'Ange apparatens id som användarnamn och hemligheten som lösenord, exakt som provet skrev ut dem.',
    en: 'Give the device’s id as user name and its secret as password, exactly as the kit printed them.',
  },
  judge({ connects }) {
    const wrong = connects.filter(({ outcome }) => outcome === 'wrong_credentials').length;
    if (connects.at(-1)?.outcome === 'accepted') {
      return passed({ sv: `Inloggad; ${wrong} felaktiga försök.`, en: `Logged in; ${wrong} wrong attempts.` });
    }
    if (wrong > 0) return failed({ sv: `${wrong} försök, alla fel.`, en: `${wrong} attempts, all wrong.` });
    return notSeen({ sv: 'Inget försök kom så långt.', en: 'No attempt came that far.' });
  },
};

const clientId: Clause = {
  id: 'client-id',
  level: 'required',
  title: { sv: 'Samma klient-id vid varje anslutning', en: 'The same client id at every connection' },
  mend: {
    sv: 'Använd ett fast klient-id, helst apparatens id. Ett nytt varje gång förlorar det som väntar på apparaten.',
    en: 'Use a fixed client id, best the device’s id. A new one each time loses what waits for the device.',
  },
  judge({ connects, connections }) {
    if (connects.some(({ outcome }) => outcome === 'no_client_id')) {
      return failed({ sv: 'Ett tomt klient-id med clean=false.', en: 'An empty client id with clean=false.' });
    }
    const ids = [...new Set(connections.map(({ connect }) => connect.clientId))];
    if (ids.includes('')) return failed({ sv: 'Klient-id saknas.', en: 'There is no client id.' });
    if (ids.length > 1) return failed(same(ids.map(quoted).join(', ')));
    if (connections.length < 2) return notSeen({ sv: 'Färre än två anslutningar.', en: 'Fewer than two connections.' });
    return passed(same(`${quoted(ids[0])} × ${connections.length}`));
  },
};

const keepAlive: Clause = {
  id: 'keep-alive',
  level: 'required',
  title: {
    sv: `Keep alive mellan 1 och ${KEEPALIVE_MAX_SECONDS} s`,
    en: `Keep alive from 1 to ${KEEPALIVE_MAX_SECONDS} s`,
  },
  mend: {
    sv: `Sätt keep alive till högst ${KEEPALIVE_MAX_SECONDS} s, gärna 60, och inte 0: annars märks inte att apparaten är borta.`,
    en: `Set keep alive to at most ${KEEPALIVE_MAX_SECONDS} s, best 60, and not 0: else nobody notices that it is gone.`,
  },
  judge: ({ connections }) =>
    judgeEach(connections, ({ connect: { keepaliveSeconds } }) =>
      keepaliveSeconds >= 1 && keepaliveSeconds <= KEEPALIVE_MAX_SECONDS ? null : same(`${keepaliveSeconds} s`),
    ),
};

const reconnect: Clause = {
  id: 'reconnect',
  level: 'required',
  title: { sv: 'Ansluter igen av sig själv', en: 'Connects again by itself' },
  mend: {
    sv: `Försök igen efter varje avbrott, med växande väntan men minst varannan minut, och ge aldrig upp.`,
    en: `Try again after every loss, with growing pauses but at least every two minutes, and never give up.`,
  },
  judge(watched) {
    const cut = watched.connections.filter(({ endedBy }) => endedBy === 'kit');
    if (cut.length === 0) return notSeen({ sv: 'Provet bröt ingen anslutning.', en: 'The kit cut no connection.' });
    const stayedAway = cut.find((connection) => !isBackInTime(connection, watched));
    if (stayedAway) return failed({ sv: 'Den kom inte tillbaka.', en: 'It did not come back.' });
    const isBack = cut.every((one) => watched.connections.some(({ fromMs }) => fromMs >= one.toMs));
    return isBack
      ? passed({ sv: `${cut.length} gånger av ${cut.length}.`, en: `${cut.length} times of ${cut.length}.` })
      : notSeen({ sv: 'Körningen slutade för tidigt.', en: 'The run ended too early.' });
  },
};

/** While the kit refuses connections the device cannot come back; a run that ends too soon says nothing. */
function isBackInTime({ toMs }: Connection, { connections, pauses, run }: Watched): boolean {
  const pause = pauses.find(({ fromMs, toMs: endMs }) => fromMs <= toMs + 1_000 && endMs >= toMs);
  const dueMs = (pause?.toMs ?? toMs) + RECONNECT_MS;
  return run.endedAtMs < dueMs || connections.some(({ fromMs }) => fromMs >= toMs && fromMs <= dueMs);
}

const sessionOrWill: Clause = {
  id: 'session-or-will',
  level: 'required',
  title: {
    sv: 'Håller sessionen (clean=false) eller lämnar ett testamente',
    en: 'Keeps its session (clean=false) or leaves a last will',
  },
  mend: {
    sv: 'Anslut med clean=false, och sätt helst även testamentet nedan.',
    en: 'Connect with clean=false, and best set the last will below too.',
  },
  judge: ({ connections, run }) =>
    judgeEach(connections, ({ connect }) => {
      const isLeft = connect.will !== null && willFault(connect.will, run.deviceId) === null;
      return !connect.clean || isLeft
        ? null
        : { sv: 'clean=true utan rätt testamente', en: 'clean=true without a right will' };
    }),
};

const lastWill: Clause = {
  id: 'last-will',
  level: 'recommended',
  title: {
    sv: 'Testamente {"state":"lost"}, sparat, på sitt state-ämne',
    en: 'Last will {"state":"lost"}, retained, on its state topic',
  },
  mend: {
    sv: `Sätt testamentet till {"state":"lost"} utan tid, QoS 1, retain, på ${TOPIC_ROOT}/{id}/state.`,
    en: `Set the will to {"state":"lost"} without a time, QoS 1, retained, on ${TOPIC_ROOT}/{id}/state.`,
  },
  judge({ connections, run }) {
    if (connections.length === 0) return NEVER_IN;
    return judgeEach(connections, ({ connect }: { connect: ConnectSeen }) =>
      connect.will ? willFault(connect.will, run.deviceId) : { sv: 'inget testamente', en: 'no will' },
    );
  },
};

/** Without a time of its own a will is as late as its receipt: then it is endless here (rule U5). */
const TIMELESS = { receivedAtMs: Infinity, keptFromMs: -Infinity };

function willFault({ topic, payload, qos, retain }: Will, deviceId: string) {
  if (topic !== upwardTopic(deviceId, 'state')) return same(quoted(topic));
  const report = decodeState(Buffer.from(payload, 'base64'), TIMELESS);
  if (isRejection(report)) return same(`${report.code}: ${report.reason}`);
  if (report.state !== 'lost') return same(`state ${quoted(report.state)}`);
  if (Number.isFinite(report.atMs)) return { sv: 'testamentet bär en tid', en: 'the will carries a time' };
  return qos === 1 && retain ? null : same(`QoS ${qos}, retain ${retain}`);
}

export const CONNECTION_CLAUSES = [mqttVersion, logIn, clientId, keepAlive, reconnect, sessionOrWill, lastWill];
