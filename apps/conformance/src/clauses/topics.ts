import { MAX_PAYLOAD_BYTES, TOPIC_ROOT } from '#contracts';
import { judgeEach, notSeen, passed, quoted, same, failed, type Clause } from '../clause.js';

const ownTopics: Clause = {
  id: 'own-topics',
  level: 'required',
  title: { sv: 'Publicerar bara på sina egna ämnen', en: 'Publishes on its own topics only' },
  mend: {
    sv: `Publicera på ${TOPIC_ROOT}/{id}/usage, /state, /health och /command/{kommando}/response, inget annat.`,
    en: `Publish on ${TOPIC_ROOT}/{id}/usage, /state, /health and /command/{command}/response, nothing else.`,
  },
  judge: ({ messages }) => judgeEach(messages, ({ channel, topic }) => (channel === null ? same(quoted(topic)) : null)),
};

const ownSubscriptions: Clause = {
  id: 'own-subscriptions',
  level: 'required',
  title: { sv: 'Prenumererar bara på sina egna kommandon', en: 'Subscribes to its own commands only' },
  mend: {
    sv: `Prenumerera på ${TOPIC_ROOT}/{id}/command/# eller på ingenting. Allt annat nekas med 0x80.`,
    en: `Subscribe to ${TOPIC_ROOT}/{id}/command/# or to nothing. Everything else is refused with 0x80.`,
  },
  judge({ run, connections }) {
    if (connections.length === 0) return notSeen({ sv: 'Aldrig inloggad.', en: 'Never logged in.' });
    const subscriptions = run.observations.filter((one) => one.kind === 'subscribe');
    const refused = subscriptions.filter(({ isGranted }) => !isGranted).map(({ filter }) => quoted(filter));
    if (refused.length > 0) return failed(same([...new Set(refused)].slice(0, 5).join(', ')));
    return passed({ sv: `${subscriptions.length} prenumerationer.`, en: `${subscriptions.length} subscriptions.` });
  },
};

const payloadSize: Clause = {
  id: 'payload-size',
  level: 'required',
  title: {
    sv: `Inget meddelande över ${MAX_PAYLOAD_BYTES / 1024} KiB`,
    en: `No message beyond ${MAX_PAYLOAD_BYTES / 1024} KiB`,
  },
  mend: {
    sv: 'Dela upp i flera meddelanden, högst 500 användningar i varje.',
    en: 'Split into several messages, at most 500 usages in each.',
  },
  judge: ({ messages }) =>
    judgeEach(messages, ({ bytes }) =>
      bytes.length > MAX_PAYLOAD_BYTES ? { sv: `${bytes.length} byte`, en: `${bytes.length} bytes` } : null,
    ),
};

export const TOPIC_CLAUSES = [ownTopics, ownSubscriptions, payloadSize];
