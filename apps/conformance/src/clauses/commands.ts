import { commandTopics, responseTopic } from '#contracts';
import { failed, notSeen, passed, same, type Clause } from '../clause.js';

const commandSubscription: Clause = {
  id: 'command-subscription',
  level: 'recommended',
  title: { sv: 'Prenumererar på sina kommandon', en: 'Subscribes to its commands' },
  mend: {
    sv: 'Prenumerera på wt/v1/{id}/command/# med QoS 1 efter varje anslutning.',
    en: 'Subscribe to wt/v1/{id}/command/# at QoS 1 after every connection.',
  },
  judge({ run, connections }) {
    if (connections.length === 0) return notSeen({ sv: 'Aldrig inloggad.', en: 'Never logged in.' });
    const own = run.observations.find((one) => one.kind === 'subscribe' && one.filter === commandTopics(run.deviceId));
    if (own?.kind !== 'subscribe') return failed({ sv: 'Den prenumererar inte.', en: 'It does not subscribe.' });
    return own.qos === 1 ? passed(same('QoS 1.')) : failed(same(`QoS ${own.qos}.`));
  },
};

const commandResponse: Clause = {
  id: 'command-response',
  level: 'recommended',
  title: { sv: 'Svarar på ett kommando', en: 'Answers a command' },
  mend: {
    sv: 'Svara på varje kommando, även okända, på wt/v1/{id}/command/{kommandots id}/response.',
    en: 'Answer every command, unknown ones too, on wt/v1/{id}/command/{the command’s id}/response.',
  },
  judge({ run, messages }) {
    const [command] = run.observations.filter((one) => one.kind === 'command');
    if (!command) return notSeen({ sv: 'Inget kommando kunde skickas.', en: 'No command could be sent.' });
    const topic = responseTopic(run.deviceId, command.commandId);
    return messages.some((message) => message.topic === topic && message.atMs >= command.atMs)
      ? passed({ sv: 'Svaret kom.', en: 'The answer came.' })
      : failed({ sv: 'Inget svar kom.', en: 'No answer came.' });
  },
};

export const COMMAND_CLAUSES = [commandSubscription, commandResponse];
