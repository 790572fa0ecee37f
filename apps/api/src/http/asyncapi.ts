import {
  AsyncApiView,
  commandTopics,
  HealthMessage,
  MAX_AHEAD_MS,
  MAX_PAYLOAD_BYTES,
  MAX_USAGES_PER_MESSAGE,
  RAW_DAYS,
  REJECT_CODES,
  REJECT_MEANINGS,
  responseTopic,
  StateMessage,
  UPWARD_CHANNELS,
  type UpwardChannel,
  upwardTopic,
  UsageMessage,
} from '#contracts';
import { type AttributeShape, FAMILIES, type Family, type Metric } from '#domain';
import { z } from 'zod';

type Json = Record<string, unknown>;

const DEVICE = '{deviceId}';
const COMMAND = '{commandId}';
/** Of the MQTT binding, not of the contract. */
const BINDING_VERSION = '0.2.0';
const DOMAIN_FAMILIES: readonly Family[] = Object.values(FAMILIES);

const point = (...path: string[]): Json => ({ $ref: `#/${path.join('/')}` });
const schemaOf = (name: string): Json => point('components', 'schemas', name);
const messageOf = (name: string): Json => point('components', 'messages', name);

/** AsyncAPI's own schemas are JSON Schema draft 7; zod puts a schema with a name of its own into definitions. */
function contractSchema(schema: z.ZodType): Json {
  const written: Json = { ...z.toJSONSchema(schema, { io: 'input', target: 'draft-7', reused: 'inline' }) };
  const name = String(written['$ref']).split('/').at(-1) ?? '';
  const { id: _name, ...own } = (written['definitions'] as Record<string, Json>)[name] ?? {};
  return own;
}

/** A name that may be a component's key. */
const metricName = (family: Family, metric: Metric): string => `${family.code}.${metric.name}`;

/** A usage of one metric: the contract's shape, narrowed to what the family declares. */
function metricSchema(family: Family, metric: Metric): Json {
  const { min, max } = metric.valueRange ?? { min: 0, max: undefined };
  const seconds = metric.kind === 'session' ? { maximum: family.maxSessionSeconds } : {};
  const attributes = Object.entries(metric.attributes).map(([name, shape]) => [name, attributeSchema(shape)] as const);
  const value = { type: 'number', minimum: min, ...(max === undefined ? {} : { maximum: max }), ...seconds };
  return {
    title: `${family.name.en}: ${metric.label.en}`,
    description: `A ${metric.kind} in ${metric.unit}. Attributes that are not listed are dropped and counted, never stored.`,
    allOf: [schemaOf('UsageMessage')],
    properties: {
      metric: { const: metric.name },
      value,
      attributes: { type: 'object', properties: Object.fromEntries(attributes) },
    },
  };
}

function attributeSchema(shape: AttributeShape & { readonly label: { readonly en: string } }): Json {
  const title = shape.label.en;
  switch (shape.type) {
    case 'enum':
      return { title, type: 'string', enum: [...shape.values] };
    case 'string':
      return { title, type: 'string', maxLength: shape.maxLength };
    case 'number':
      return { title, type: 'number', minimum: shape.min, maximum: shape.max };
    case 'boolean':
      return { title, type: 'boolean' };
  }
}

/** One usage or an array of them. */
function familySchema(family: Family): Json {
  const one = { oneOf: family.metrics.map((metric) => schemaOf(metricName(family, metric))) };
  const many = { type: 'array', items: one, minItems: 1, maxItems: MAX_USAGES_PER_MESSAGE };
  return { title: family.name.en, anyOf: [one, many] };
}

function schemas(): Json {
  const metrics = DOMAIN_FAMILIES.flatMap((family) =>
    family.metrics.map((metric) => [metricName(family, metric), metricSchema(family, metric)] as const),
  );
  return {
    UsageMessage: contractSchema(UsageMessage),
    StateMessage: contractSchema(StateMessage),
    HealthMessage: contractSchema(HealthMessage),
    CommandMessage: {
      type: 'object',
      required: ['id', 'name'],
      properties: { id: { type: 'string' }, name: { type: 'string' }, arguments: { type: 'object' } },
    },
    ...Object.fromEntries(metrics),
    ...Object.fromEntries(DOMAIN_FAMILIES.map((family) => [family.code, familySchema(family)])),
  };
}

const usageMessageName = ({ code }: Family): string => `usage.${code}`;

function messages(): Json {
  const usage = DOMAIN_FAMILIES.map((family) => {
    const { code, name, power, heartbeatSeconds } = family;
    const described = { title: `Usage of: ${name.en}`, 'x-power': power, 'x-heartbeat-seconds': heartbeatSeconds };
    return [usageMessageName(family), { name: code, ...described, payload: schemaOf(code) }] as const;
  });
  return {
    ...Object.fromEntries(usage),
    state: { title: 'What the device says of itself; also its last will', payload: schemaOf('StateMessage') },
    health: { title: 'A sign of life', payload: schemaOf('HealthMessage') },
    command: { title: 'A command to the device', payload: schemaOf('CommandMessage') },
    response: { title: 'The device’s answer', payload: { description: 'Whatever the command calls for.' } },
  };
}

const CHANNEL_MESSAGES: Readonly<Record<UpwardChannel, readonly string[]>> = {
  usage: DOMAIN_FAMILIES.map(usageMessageName),
  state: ['state'],
  health: ['health'],
};

interface Wire {
  readonly address: string;
  readonly messages: readonly string[];
  readonly action: 'receive' | 'send';
  readonly summary: string;
  readonly qos: number;
  readonly retain: boolean;
}

const SUMMARIES: Readonly<Record<UpwardChannel, string>> = {
  usage: 'What was done with the device. The acknowledgement leaves after the commit.',
  state: 'Online, offline, sleeping; the last will says lost.',
  health: 'Battery, signal and firmware, at least as often as the family’s heartbeat.',
};

/** Every channel, from the server’s side: it receives what devices publish. */
function wires(): Record<string, Wire> {
  const upward = UPWARD_CHANNELS.map((channel): [string, Wire] => [
    channel,
    {
      address: upwardTopic(DEVICE, channel),
      messages: CHANNEL_MESSAGES[channel],
      action: 'receive',
      summary: SUMMARIES[channel],
      qos: 1,
      retain: channel === 'state',
    },
  ]);
  const down = { qos: 1, retain: false } as const;
  const [command, response] = [commandTopics(DEVICE).replace('#', COMMAND), responseTopic(DEVICE, COMMAND)];
  return {
    ...Object.fromEntries(upward),
    command: { address: command, messages: ['command'], action: 'send', summary: 'A command to the device.', ...down },
    response: { address: response, messages: ['response'], action: 'receive', summary: 'Its answer.', ...down },
  };
}

const PARAMETERS: Readonly<Record<string, string>> = {
  deviceId: 'The device’s public id, which is also its user name: a device has no other topics.',
  commandId: 'The id of the command.',
};

function channel({ address, messages: names, summary }: Wire): Json {
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => [
    name,
    { description: PARAMETERS[name] },
  ]);
  return {
    address,
    description: summary,
    messages: Object.fromEntries(names.map((name) => [name, messageOf(name)])),
    parameters: Object.fromEntries(parameters) as Json,
  };
}

function operation(name: string, { action, summary, messages: names, qos, retain }: Wire): Json {
  return {
    action,
    summary,
    channel: point('channels', name),
    messages: names.map((one) => point('channels', name, 'messages', one)),
    bindings: { mqtt: { qos, retain, bindingVersion: BINDING_VERSION } },
  };
}

function server(): Json {
  const lastWill = { topic: upwardTopic(DEVICE, 'state'), qos: 1, retain: true, message: '{"state":"lost"}' };
  return {
    host: '{host}:{port}',
    protocol: 'mqtt',
    protocolVersion: '3.1.1',
    description: 'The embedded broker. MQTT 5 is refused with 0x84.',
    variables: { host: { default: 'localhost' }, port: { default: '1883' } },
    security: [point('components', 'securitySchemes', 'device')],
    bindings: {
      mqtt: { clientId: DEVICE, cleanSession: false, keepAlive: 60, lastWill, bindingVersion: BINDING_VERSION },
    },
  };
}

const LIMITS = {
  payloadBytes: MAX_PAYLOAD_BYTES,
  usagesPerMessage: MAX_USAGES_PER_MESSAGE,
  clockAheadSeconds: MAX_AHEAD_MS / 1000,
  rawDays: RAW_DAYS,
};

/** The device contract as an AsyncAPI 3.0 document, made from the schemas and families that judge the messages. */
export function asyncApiDocument(version: string): z.output<typeof AsyncApiView> {
  const all = Object.entries(wires());
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Nyttospår: device contract',
      version,
      description: 'What a device publishes and hears. Device data only: never who a person is.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: { broker: server() },
    channels: Object.fromEntries(all.map(([name, wire]) => [name, channel(wire)])),
    operations: Object.fromEntries(
      all.map(([name, wire]) => [
        `${wire.action}${name.charAt(0).toUpperCase()}${name.slice(1)}`,
        operation(name, wire),
      ]),
    ),
    components: {
      schemas: schemas(),
      messages: messages(),
      securitySchemes: {
        device: { type: 'userPassword', description: 'The device’s public id, and its secret as the password.' },
      },
    },
    'x-limits': LIMITS,
    'x-reject-codes': REJECT_CODES.map((code) => ({ code, meaning: REJECT_MEANINGS[code] })),
  };
}
