import { type Endpoint, type RequestOf, type ResponseOf } from '#contracts';
import type { Permission } from '#domain';
import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  RequestMapping,
  RequestMethod,
  SetMetadata,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Person, Scope } from '../scope/scope.js';
import { parseRequest } from './parse-request.js';

export const ENDPOINT = 'nyttospar:endpoint';

/** Who calls: the scope of the route's permission, the person for `authenticated`, nobody for `public`. */
export type CallerOf<E extends Endpoint> = E['access'] extends Permission
  ? Scope<E['access']>
  : E['access'] extends 'authenticated'
    ? Person
    : undefined;

/** The request as the guard leaves it. */
export interface ApiRequest extends FastifyRequest {
  caller?: Scope | Person;
  /** SHA-256 of the session cookie's token, when there is a valid session. */
  sessionHash?: Buffer;
}

type Handler<E extends Endpoint> = (
  caller: CallerOf<E>,
  input: RequestOf<E>,
  http: { request: ApiRequest; reply: FastifyReply },
) => Promise<ResponseOf<E>>;

type AnyHandler<E extends Endpoint> = (...args: Parameters<Handler<E>>) => Promise<ResponseOf<E>>;

/**
 * Binds a controller's method to an endpoint of the contracts: its path and method, the permission it needs (read by the
 * guard) and its validation. The method takes (caller, input, http) and must answer what the contract says.
 */
export function Route<E extends Endpoint>(endpoint: E) {
  return <H extends AnyHandler<E>>(target: object, key: string, descriptor: TypedPropertyDescriptor<H>): void => {
    const parameter = [Caller(), Input(), Http()];
    parameter.forEach((decorate, index) => decorate(target, key, index));
    applyDecorators(
      RequestMapping({ path: endpoint.path, method: RequestMethod[endpoint.method] }),
      HttpCode(endpoint.status ?? (endpoint.response ? 200 : 204)),
      SetMetadata(ENDPOINT, endpoint),
    )(target, key, descriptor);
  };
}

/** The endpoint that the handler of this call is bound to, if any. */
export const endpointOf = (context: ExecutionContext): Endpoint | undefined =>
  Reflect.getMetadata(ENDPOINT, context.getHandler()) as Endpoint | undefined;

const requestOf = (context: ExecutionContext): ApiRequest => context.switchToHttp().getRequest<ApiRequest>();

const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).caller);
const Input = createParamDecorator((_: unknown, context: ExecutionContext) =>
  parseRequest(endpointOf(context), requestOf(context)),
);
const Http = createParamDecorator((_: unknown, context: ExecutionContext) => ({
  request: requestOf(context),
  reply: context.switchToHttp().getResponse<FastifyReply>(),
}));
