import { isRejection, reject, type Rejection } from '../../native/message.js';
import {
  type Adaptation,
  type Adapter,
  type DeviceReadings,
  externalName,
  foreignTopic,
  isField,
  type Reading,
  type SessionStep,
} from '../reading.js';
import {
  bornAs,
  BORN_METRICS_MAX,
  connectionGap,
  DEVICES_MAX,
  type EdgeSession,
  NO_EDGE_SESSION,
  NODE_ITSELF,
  sequenceGap,
  vocabularyOf,
  withBirth,
  withoutDevice,
  type Vocabulary,
} from './edge-session.js';
import { valueOf } from './metric-value.js';
import { type Metric, type Payload, readPayload } from './payload.js';
import { rebirthRequest } from './rebirth-request.js';

/**
 * Sparkplug B 3.0: `spBv1.0/{group}/{verb}/{edge node}[/{device}]` with a protobuf payload. A birth tells every metric's
 * name, datatype and value as it stands; later messages may name them by alias alone. A device is called
 * `{group}/{edge node}/{device}` here, the edge node itself `{group}/{edge node}`. Commands and the hosts' own states
 * say nothing of use.
 */
export const SPARKPLUG: Adapter = {
  filters: () => [`${NAMESPACE}/#`],
  adapt: (topic, payload) => adaptInSession({ topic, payload }, null).adaptation,
  isBinary: true,
  deviceNamed: (topic) => parseTopic(topic)?.name ?? null,
  isOwnName: (name, username) => name.split('/').length === 2 && name.endsWith(`/${username}`),
  sessions: {
    senderOf: (topic) => senderOf(parseTopic(topic)),
    adapt: adaptInSession,
    askAnew: rebirthRequest,
  },
};

const NAMESPACE = 'spBv1.0';
const VERB = /^([ND])(BIRTH|DEATH|DATA|CMD)$/;
const SILENT = [] as const;
const ALIASES_NAMED = 10;

interface Topic {
  readonly verb: 'BIRTH' | 'DEATH' | 'DATA' | 'CMD';
  /** `{group}/{edge node}`. */
  readonly sender: string;
  /** Empty for the edge node itself. */
  readonly device: string;
  readonly name: string;
}

function parseTopic(topic: string): Topic | null {
  const [namespace, group = '', word = '', node = '', device, ...deeper] = topic.split('/');
  const [, whose, verb] = VERB.exec(word) ?? [];
  const isDevices = whose === 'D';
  if (namespace !== NAMESPACE || verb === undefined || group === '' || node === '' || deeper.length > 0) return null;
  if (isDevices ? !device : device !== undefined) return null;
  const sender = `${group}/${node}`;
  const name = isDevices ? `${sender}/${device ?? ''}` : sender;
  return { verb: verb as Topic['verb'], sender, device: device ?? NODE_ITSELF, name };
}

/** A command is said to an edge node, not by it; a name that is too long is nobody's. */
const senderOf = (topic: Topic | null): string | null =>
  topic === null || topic.verb === 'CMD' || isRejection(externalName(topic.name)) ? null : topic.sender;

const isHostState = (topic: string): boolean => topic.startsWith(`${NAMESPACE}/STATE/`);

function adaptInSession(
  { topic, payload: bytes }: { topic: string; payload: Buffer },
  known: EdgeSession | null,
): SessionStep {
  const session = known ?? NO_EDGE_SESSION;
  const parsed = parseTopic(topic);
  if (parsed === null) return gapless(session, isHostState(topic) ? SILENT : foreignTopic());
  if (parsed.verb === 'CMD') return gapless(session, SILENT);
  const named = externalName(parsed.name);
  if (isRejection(named)) return gapless(session, named);
  const payload = readPayload(bytes);
  if (isRejection(payload)) return gapless(session, payload);
  return READ[parsed.verb]({ topic: parsed, payload, session });
}

const gapless = (session: EdgeSession, adaptation: Adaptation): SessionStep => ({
  adaptation,
  session,
  gap: null,
  isBeginningMissing: false,
});

/** A message of a node or a device, and the session as it was before. */
interface Said {
  readonly topic: Topic;
  readonly payload: Payload;
  readonly session: EdgeSession;
}

const READ = { BIRTH: readBirth, DATA: readData, DEATH: readDeath } as const;

const isNode = ({ device }: Topic): boolean => device === NODE_ITSELF;

/** A node's birth begins a session, in which its devices have still to be born. */
function readBirth(said: Said): SessionStep {
  const { topic, payload } = said;
  const vocabulary = vocabularyOf(payload.metrics);
  const { session: begun, gap } = isNode(topic) ? beginSession(said) : followSequence(said);
  const session = withBirth(begun, topic.device, vocabulary);
  const read = readMetrics(said, vocabulary);
  const rejections = session === null ? [TOO_MANY, ...read.rejections] : read.rejections;
  const readings = read.readings.map((reading) => ({ ...reading, isStanding: true as const }));
  const device = { ...spokenOf(said), readings, ...some(rejections), state: 'online' as const };
  return { adaptation: [device], session: session ?? begun, gap, isBeginningMissing: false };
}

const TOO_MANY = reject(
  'payload_too_large',
  `an edge node is born with at most ${BORN_METRICS_MAX} metrics, on at most ${DEVICES_MAX} devices`,
);

function readData(said: Said): SessionStep {
  const { session, gap } = followSequence(said);
  const { readings, rejections, isBirthMissing } = readMetrics(said, bornAs(said.session, said.topic.device));
  const device = { ...spokenOf(said), readings, ...some(rejections) };
  return { adaptation: [device], session, gap, isBeginningMissing: isBirthMissing };
}

function readDeath(said: Said): SessionStep {
  return isNode(said.topic) ? readNodeDeath(said) : readDeviceDeath(said);
}

/** The last will, written when the node connected: its time is not that of the death (rule U5). */
function readNodeDeath({ topic, payload, session }: Said): SessionStep {
  const bdSeq = connectionNumber(payload);
  // An earlier connection's will, come after the next one's birth.
  const isOld = session.bdSeq !== null && bdSeq !== null && session.bdSeq !== bdSeq;
  if (isOld) return gapless(session, SILENT);
  const devices = Object.keys(session.devices).filter((device) => device !== NODE_ITSELF);
  const names = [topic.name, ...devices.map((device) => `${topic.name}/${device}`)];
  const adaptation = names.map((device) => ({
    device,
    readings: [],
    atMs: null,
    state: 'lost' as const,
    isInPassing: true as const,
  }));
  return gapless({ ...session, seq: null, devices: {} }, adaptation);
}

function readDeviceDeath(said: Said): SessionStep {
  const { session, gap } = followSequence(said);
  const device = { ...spokenOf(said), readings: [], state: 'offline' as const };
  return {
    adaptation: [device],
    session: withoutDevice(session, said.topic.device),
    gap,
    isBeginningMissing: false,
  };
}

const spokenOf = ({ topic, payload }: Said): Pick<DeviceReadings, 'device' | 'atMs' | 'isInPassing'> => ({
  device: topic.name,
  atMs: payload.atMs,
  ...(isNode(topic) && { isInPassing: true }),
});

const some = (rejections: readonly Rejection[]): Pick<DeviceReadings, 'rejections'> =>
  rejections.length === 0 ? {} : { rejections };

type Following = Pick<SessionStep, 'session' | 'gap'>;

function beginSession({ payload, session: before }: Said): Following {
  const bdSeq = connectionNumber(payload);
  const session = { bdSeq, seq: payload.seq, bornAtMs: payload.atMs, devices: {} };
  return { session, gap: connectionGap(before, bdSeq) };
}

function followSequence({ payload: { seq }, session }: Said): Following {
  return { session: { ...session, seq }, gap: sequenceGap(session, seq) };
}

const BD_SEQ = 'bdSeq';

/** Counts 0 to 255, though its datatype could hold more. */
function connectionNumber({ metrics }: Payload): number | null {
  const metric = metrics.find(({ name }) => name === BD_SEQ);
  return metric?.value && 'integer' in metric.value ? Number(metric.value.integer & 0xffn) : null;
}

/** What the protocol says of itself. */
const isControl = (name: string): boolean => name === BD_SEQ || name.startsWith('Node Control/');

interface Read {
  readonly readings: Reading[];
  readonly rejections: Rejection[];
  readonly isBirthMissing: boolean;
}

function readMetrics({ topic, payload }: Said, vocabulary: Vocabulary | undefined): Read {
  const readings: Reading[] = [];
  const unknown: string[] = [];
  for (const metric of payload.metrics) {
    const name = metric.name ?? aliased(metric, vocabulary);
    const value = name === undefined ? undefined : valueOf(metric, datatypeOf(metric, name, vocabulary));
    if (name === undefined || value === undefined) unknown.push(name ?? `alias ${metric.alias ?? 'of no number'}`);
    else if (value !== null && isField(name) && !isControl(name)) {
      readings.push({ field: name, value, atMs: metric.atMs ?? payload.atMs, id: null });
    }
  }
  const isBirthMissing = unknown.length > 0;
  return { readings, rejections: isBirthMissing ? [birthMissing(topic, unknown)] : [], isBirthMissing };
}

function aliased({ alias }: Metric, vocabulary: Vocabulary | undefined): string | undefined {
  if (alias === null || !vocabulary || !Object.hasOwn(vocabulary.aliases, alias)) return undefined;
  return vocabulary.aliases[alias];
}

function datatypeOf(metric: Metric, name: string, vocabulary: Vocabulary | undefined): number {
  if (metric.datatype !== 0 || !vocabulary || !Object.hasOwn(vocabulary.datatypes, name)) return metric.datatype;
  return vocabulary.datatypes[name] ?? 0;
}

function birthMissing({ device, name }: Topic, unknown: readonly string[]): Rejection {
  const birth = device === NODE_ITSELF ? 'NBIRTH' : 'DBIRTH';
  const named = unknown.slice(0, ALIASES_NAMED).join(', ');
  const more = unknown.length > ALIASES_NAMED ? ` and ${unknown.length - ALIASES_NAMED} more` : '';
  return reject(
    'unknown_metric',
    `no ${birth} of ${name} in this session tells what ${named}${more} is: a birth is missing`,
  );
}
