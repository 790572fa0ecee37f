import * as contracts from '#contracts';
import { type Endpoint, ErrorView } from '#contracts';
import { z } from 'zod';
import { SESSION_COOKIE } from '../identity/cookies.js';

const isEndpoint = (value: unknown): value is Endpoint =>
  typeof value === 'object' && value !== null && 'path' in value && 'method' in value && 'access' in value;

/** Every endpoint of the contracts, with the name it has there: `trials.register`. */
export function allEndpoints(): { name: string; endpoint: Endpoint }[] {
  return Object.entries(contracts).flatMap(([group, api]) =>
    group.endsWith('Api')
      ? Object.entries(api).flatMap(([name, endpoint]) =>
          isEndpoint(endpoint) ? [{ name: `${group.slice(0, -3)}.${name}`, endpoint }] : [],
        )
      : [],
  );
}

/** A JSON schema as zod writes it: what has a name of its own stands in `definitions`. */
interface NamedSchema {
  definitions?: Record<string, object>;
}

/**
 * Named schemas become components that refer to each other. What is taken and what is given may differ under one name
 * (defaults are optional to give and certain to get): then the taken one is called `…Input`.
 */
class Components {
  readonly schemas: Record<string, object> = {};

  add(schema: z.ZodType, io: 'input' | 'output'): object {
    const options = { io, target: 'openapi-3.0', unrepresentable: 'any', reused: 'inline' } as const;
    const { definitions = {}, ...own } = z.toJSONSchema(schema, options) as NamedSchema;
    const nameOf = (id: string): string => this.nameOf(id, definitions[id] ?? {}, io);
    for (const [id, definition] of Object.entries(definitions))
      this.schemas[nameOf(id)] ??= pointed(definition, nameOf);
    return pointed(own, nameOf);
  }

  private readonly given = new Map<string, string>();

  private nameOf(id: string, definition: object, io: 'input' | 'output'): string {
    const text = JSON.stringify(definition);
    if (!this.given.has(id)) this.given.set(id, text);
    return io === 'input' && this.given.get(id) !== text ? `${id}Input` : id;
  }
}

/** A copy whose references point at the document's components. */
const pointed = (schema: object, nameOf: (id: string) => string): object =>
  JSON.parse(JSON.stringify(schema), (key, value: unknown): unknown =>
    key === '$ref' && typeof value === 'string'
      ? `#/components/schemas/${nameOf(value.split('/').at(-1) ?? '')}`
      : value,
  ) as object;

const content = (schema: object, type = 'application/json'): object => ({ [type]: { schema } });

function parameters(endpoint: Endpoint, components: Components): object[] {
  const of = (part: 'params' | 'query', where: 'path' | 'query'): object[] => {
    const shape = endpoint[part] instanceof z.ZodObject ? (endpoint[part].shape as Record<string, z.ZodType>) : {};
    return Object.entries(shape).map(([name, schema]) => ({
      name,
      in: where,
      required: where === 'path' || !schema.safeParse(undefined).success,
      schema: components.add(schema, 'input'),
    }));
  };
  return [...of('params', 'path'), ...of('query', 'query')];
}

const PROBLEMS: Record<string, string> = {
  400: 'The request does not match this document; errors names each field',
  401: 'Not logged in',
  403: 'Your roles do not permit it',
  404: 'Not there, or outside your scope',
  409: 'Collides with something that exists',
  429: 'Too many attempts; Retry-After says when to come back',
  422: 'A rule of the domain forbids it; code says which',
};

/** Responses come first: a schema that is given keeps its name. */
function responses(endpoint: Endpoint, components: Components): object {
  const done = endpoint.response
    ? {
        [endpoint.status ?? 200]: {
          description: 'Done',
          content: content(components.add(endpoint.response, 'output'), endpoint.gives),
        },
      }
    : { 204: { description: 'Done' } };
  const problem = content(components.add(ErrorView, 'output'));
  const refused = Object.entries(PROBLEMS).map(
    ([status, description]) => [status, { description, content: problem }] as const,
  );
  return { ...done, ...Object.fromEntries(refused) };
}

function operation(name: string, endpoint: Endpoint, components: Components): object {
  return {
    operationId: name,
    tags: [name.split('.')[0]],
    summary: endpoint.summary,
    'x-permission': endpoint.access,
    security: endpoint.access === 'public' ? [] : [{ session: [] }],
    parameters: parameters(endpoint, components),
    ...(endpoint.body
      ? { requestBody: { required: true, content: content(components.add(endpoint.body, 'input'), endpoint.takes) } }
      : {}),
  };
}

/** The OpenAPI 3.0 document, made from the same contracts that validate the requests. */
export function openApiDocument(version: string): object {
  const components = new Components();
  const answers = new Map(allEndpoints().map(({ name, endpoint }) => [name, responses(endpoint, components)]));
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, endpoint } of allEndpoints()) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    const described = { ...operation(name, endpoint, components), responses: answers.get(name) };
    (paths[path] ??= {})[endpoint.method.toLowerCase()] = described;
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Nyttospår',
      version,
      description:
        'Trials of welfare technology, and their benefit measured from real use. Not for alarm, diagnosis or monitoring of individuals.',
      license: { name: 'Apache-2.0' },
    },
    components: {
      schemas: components.schemas,
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE } },
    },
    paths,
  };
}
