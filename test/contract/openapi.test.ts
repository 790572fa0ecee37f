import { allEndpoints, openApiDocument } from '../../apps/api/src/http/openapi.js';
import { describe, expect, test } from 'vitest';

/** Every keyword that an OpenAPI 3.0.3 schema object may hold. */
const KEYWORDS = new Set(
  `title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems
  uniqueItems maxProperties minProperties required enum type allOf oneOf anyOf not items properties additionalProperties
  description format default nullable discriminator readOnly writeOnly example deprecated $ref`.split(/\s+/),
);
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

interface Schema {
  type?: unknown;
  $ref?: string;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
}
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>;
  security: object[];
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const document = JSON.parse(JSON.stringify(openApiDocument('1'))) as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation, id: operation.operationId })),
);

/** Every schema in it, itself first. */
function* inside(schema: Schema): Generator<Schema> {
  yield schema;
  const { items, properties = {}, additionalProperties, allOf = [], anyOf = [], oneOf = [] } = schema;
  const more = typeof additionalProperties === 'object' ? [additionalProperties] : [];
  for (const part of [...(items ? [items] : []), ...Object.values(properties), ...more, ...allOf, ...anyOf, ...oneOf])
    yield* inside(part);
}

const schemasOf = ({ parameters, requestBody, responses }: Operation): Schema[] => [
  ...parameters.map(({ schema }) => schema),
  ...Object.values(requestBody?.content ?? {}).map(({ schema }) => schema),
  ...Object.values(responses).flatMap(({ content = {} }) => Object.values(content).map(({ schema }) => schema)),
];
const everySchema = [
  ...operations.flatMap(({ operation }) => schemasOf(operation)),
  ...Object.values(document.components.schemas),
].flatMap((schema) => [...inside(schema)]);

describe('the OpenAPI document', () => {
  test('has an operation for each endpoint', () => {
    const expected = allEndpoints().map(({ name }) => name);
    expect(operations.map(({ id }) => id).sort()).toEqual(expected.sort());
  });

  test.each(operations)('$id declares each parameter of its path as required', ({ path, operation }) => {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = operation.parameters.filter((parameter) => parameter.in === 'path' && parameter.required);
    expect(declared.map(({ name }) => name).sort()).toEqual(inPath.sort());
  });

  test.each(operations)('$id describes every answer', ({ operation }) => {
    const answers = Object.values(operation.responses);
    expect(Object.keys(operation.responses)).toEqual(
      expect.arrayContaining(['400', '401', '403', '404', '409', '422']),
    );
    expect(answers.every(({ description }) => description.length > 0)).toBe(true);
  });

  test('uses no keyword and no type that OpenAPI 3.0 lacks', () => {
    expect(
      [...new Set(everySchema.flatMap((schema) => Object.keys(schema)))].filter((keyword) => !KEYWORDS.has(keyword)),
    ).toEqual([]);
    expect(
      everySchema.flatMap(({ type }) => (type === undefined || TYPES.includes(type as string) ? [] : [type])),
    ).toEqual([]);
  });

  test('refers to nothing that is not there', () => {
    const references = everySchema.flatMap(({ $ref }) => $ref ?? []);
    const there = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(references.length).toBeGreaterThan(50);
    expect([...new Set(references)].filter((reference) => !there.includes(reference))).toEqual([]);
  });

  test('names as required only what it describes', () => {
    const wrong = everySchema.filter(
      ({ required = [], properties }) => properties && required.some((name) => !(name in properties)),
    );
    expect(wrong).toEqual([]);
  });
});
