import { describe, expect, test } from 'vitest';
import {
  commandTopics,
  MAX_PAYLOAD_BYTES,
  MAX_USAGES_PER_MESSAGE,
  REJECT_CODES,
  responseTopic,
  UPWARD_CHANNELS,
  upwardTopic,
  UsageMessage,
} from '#contracts';
import { FAMILIES } from '#domain';
import { asyncApiDocument } from '../../apps/api/src/http/asyncapi.js';

type Json = Record<string, unknown>;

/** The fields that the AsyncAPI 3.0.0 specification gives each object; `x-…` may be added to any but bindings. */
const FIELDS = {
  document: ['asyncapi', 'id', 'info', 'servers', 'defaultContentType', 'channels', 'operations', 'components'],
  info: ['title', 'version', 'description', 'termsOfService', 'contact', 'license', 'tags', 'externalDocs'],
  server: `host protocol protocolVersion pathname description title summary variables security tags externalDocs
    bindings`.split(/\s+/),
  channel: 'address messages title summary description servers parameters tags externalDocs bindings'.split(' '),
  parameter: ['enum', 'default', 'description', 'examples', 'location'],
  operation: `action channel title summary description security tags externalDocs bindings traits messages
    reply`.split(/\s+/),
  message: `headers payload correlationId contentType name title summary description tags externalDocs bindings
    examples traits`.split(/\s+/),
  components: `schemas servers channels operations messages securitySchemes serverVariables parameters correlationIds
    replies replyAddresses externalDocs tags operationTraits messageTraits serverBindings channelBindings
    operationBindings messageBindings`.split(/\s+/),
  mqttServer: `clientId cleanSession lastWill keepAlive sessionExpiryInterval maximumPacketSize
    bindingVersion`.split(/\s+/),
  mqttOperation: ['qos', 'retain', 'messageExpiryInterval', 'bindingVersion'],
} as const;

/** Keywords of JSON Schema draft 7 that this document uses. */
const KEYWORDS = `$ref title description type const enum properties required additionalProperties propertyNames items
  minItems maxItems minLength maxLength minimum maximum exclusiveMinimum pattern format allOf anyOf oneOf`.split(/\s+/);

interface Channel {
  address: string;
  messages: Record<string, { $ref: string }>;
  parameters: Json;
}
interface Operation {
  action: string;
  channel: { $ref: string };
  messages: { $ref: string }[];
  bindings: { mqtt: { qos: number; retain: boolean } };
}
interface Document extends Json {
  asyncapi: string;
  info: Json;
  servers: Record<string, Json & { security: { $ref: string }[]; bindings: { mqtt: Json } }>;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: { schemas: Record<string, Json>; messages: Record<string, Json>; securitySchemes: Record<string, Json> };
}
const document = JSON.parse(JSON.stringify(asyncApiDocument('1'))) as Document;

const unknown = (object: object, known: readonly string[]): string[] =>
  Object.keys(object).filter((key) => !known.includes(key) && !key.startsWith('x-'));

/** What a JSON pointer of the document leads to. */
function resolve(pointer: string): unknown {
  const steps = pointer.slice(2).split('/');
  return steps.reduce<unknown>((at, step) => (at as Json | undefined)?.[step], document);
}

function* references(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') yield inner;
    else yield* references(inner);
  }
}

/** Every schema object, itself first. */
function* inside(schema: Json): Generator<Json> {
  yield schema;
  const { properties = {}, items, allOf = [], anyOf = [], oneOf = [], additionalProperties } = schema;
  const parts = [Object.values(properties as Json), items, allOf, anyOf, oneOf, additionalProperties].flat();
  for (const part of parts) if (typeof part === 'object' && part !== null) yield* inside(part as Json);
}

describe('the AsyncAPI document is one of version 3.0.0', () => {
  test('with the fields that the specification knows, and those it demands', () => {
    expect(document.asyncapi).toBe('3.0.0');
    expect(unknown(document, FIELDS.document)).toEqual([]);
    expect(unknown(document.info, FIELDS.info)).toEqual([]);
    expect(document.info).toMatchObject({ title: expect.any(String) as string, version: '1' });
    expect(unknown(document.components, FIELDS.components)).toEqual([]);
    for (const message of Object.values(document.components.messages))
      expect(unknown(message, FIELDS.message)).toEqual([]);
  });

  test('whose component names have only the characters allowed', () => {
    const names = Object.values(document.components).flatMap((group) => Object.keys(group));
    expect(names.filter((name) => !/^[a-zA-Z0-9._-]+$/.test(name))).toEqual([]);
  });

  test('whose references all lead somewhere', () => {
    const all = [...references(document)];
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((pointer) => !pointer.startsWith('#/') || resolve(pointer) === undefined)).toEqual([]);
  });

  test.each(Object.entries(document.servers))(
    'server %s: host, protocol, variables, log-in and binding',
    (_name, server) => {
      expect(unknown(server, FIELDS.server)).toEqual([]);
      const named = [...String(server['host']).matchAll(/\{(\w+)\}/g)].map(([, variable]) => variable);
      expect(Object.keys(server['variables'] as Json).sort()).toEqual(named.sort());
      expect(server).toMatchObject({ protocol: 'mqtt', protocolVersion: '3.1.1' });
      expect(server.security.map(({ $ref }) => resolve($ref))).toEqual([
        expect.objectContaining({ type: 'userPassword' }),
      ]);
      expect(unknown(server.bindings.mqtt, FIELDS.mqttServer)).toEqual([]);
    },
  );

  test.each(Object.entries(document.channels))(
    'channel %s declares the parameters of its address',
    (_name, channel) => {
      expect(unknown(channel, FIELDS.channel)).toEqual([]);
      const inAddress = [...channel.address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(channel.parameters).sort()).toEqual(inAddress.sort());
      for (const parameter of Object.values(channel.parameters))
        expect(unknown(parameter as Json, FIELDS.parameter)).toEqual([]);
      expect(Object.keys(channel.messages)).not.toEqual([]);
    },
  );

  test.each(Object.entries(document.operations))(
    'operation %s is of a channel and names messages of that channel',
    (_name, operation) => {
      expect(unknown(operation, FIELDS.operation)).toEqual([]);
      expect(['send', 'receive']).toContain(operation.action);
      const { $ref } = operation.channel;
      expect($ref).toMatch(/^#\/channels\/\w+$/);
      for (const message of operation.messages) expect(message.$ref.startsWith(`${$ref}/messages/`)).toBe(true);
      expect(unknown(operation.bindings.mqtt, FIELDS.mqttOperation)).toEqual([]);
      expect([0, 1, 2]).toContain(operation.bindings.mqtt.qos);
    },
  );

  test('whose schemas use keywords of JSON Schema draft 7 alone', () => {
    const keywords = Object.values(document.components.schemas).flatMap((schema) =>
      [...inside(schema)].flatMap(Object.keys),
    );
    expect([...new Set(keywords)].filter((keyword) => !KEYWORDS.includes(keyword))).toEqual([]);
  });
});

describe('the AsyncAPI document says all of the contract', () => {
  const addresses = Object.values(document.channels).map(({ address }) => address);
  const operationOf = (name: string): Operation | undefined =>
    Object.values(document.operations).find(({ channel }) => channel.$ref === `#/channels/${name}`);

  test('every channel: upward, command and response', () => {
    const own = UPWARD_CHANNELS.map((channel) => upwardTopic('{deviceId}', channel));
    const down = [commandTopics('{deviceId}').replace('#', '{commandId}'), responseTopic('{deviceId}', '{commandId}')];
    expect(addresses.sort()).toEqual([...own, ...down].sort());
    expect(Object.keys(document.operations)).toHaveLength(addresses.length);
  });

  test('which is sent and which received, at which quality of service, and that the state alone is retained', () => {
    for (const name of ['usage', 'state', 'health', 'command', 'response']) {
      const retain = name === 'state';
      const action = name === 'command' ? 'send' : 'receive';
      expect(operationOf(name)).toMatchObject({ action, bindings: { mqtt: { qos: 1, retain } } });
    }
    expect(document.servers['broker']?.bindings.mqtt).toMatchObject({
      cleanSession: false,
      lastWill: { topic: upwardTopic('{deviceId}', 'state'), qos: 1, retain: true, message: '{"state":"lost"}' },
    });
  });

  test('every reject code with its meaning, and the limits', () => {
    const codes = document['x-reject-codes'] as { code: string; meaning: string }[];
    expect(codes.map(({ code }) => code)).toEqual([...REJECT_CODES]);
    expect(codes.every(({ meaning }) => meaning.length > 10)).toBe(true);
    expect(document['x-limits']).toMatchObject({
      payloadBytes: MAX_PAYLOAD_BYTES,
      usagesPerMessage: MAX_USAGES_PER_MESSAGE,
      clockAheadSeconds: 300,
      rawDays: 90,
    });
  });

  test.each(Object.values(FAMILIES))('every metric and attribute of $code', (family) => {
    expect(document.channels['usage']?.messages).toHaveProperty([`usage.${family.code}`]);
    const text = JSON.stringify(document.components.schemas[family.code]);
    for (const metric of family.metrics) {
      expect(text).toContain(`#/components/schemas/${family.code}.${metric.name}"`);
      const schema = document.components.schemas[`${family.code}.${metric.name}`] as {
        properties: { metric: Json; attributes: { properties: Record<string, Json> } };
      };
      expect(schema.properties.metric).toEqual({ const: metric.name });
      expect(Object.keys(schema.properties.attributes.properties)).toEqual(Object.keys(metric.attributes));
      for (const [name, shape] of Object.entries(metric.attributes)) {
        const values = shape.type === 'enum' ? shape.values : undefined;
        expect(schema.properties.attributes.properties[name]?.['enum']).toEqual(values);
      }
    }
  });

  test('every field of a usage', () => {
    const usage = document.components.schemas['UsageMessage'] as { properties: Json; required: string[] };
    expect(Object.keys(usage.properties).sort()).toEqual(Object.keys(UsageMessage.shape).sort());
    expect(usage.required).toEqual(['metric']);
  });
});
