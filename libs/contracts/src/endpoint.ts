import type { Permission } from '#domain';
import type { z } from 'zod';

/** Who may call a route: one permission, anybody who is logged in, or anybody at all. */
export type Access = Permission | 'authenticated' | 'public';

/** One HTTP route, written once: the server routes and validates by it, the web calls by it, OpenAPI is made from it. */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Response extends z.ZodType = z.ZodType,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `:name` for each key of `params`, below `/api`. */
  path: `/api/${string}`;
  access: Access;
  summary: string;
  params?: Params;
  query?: Query;
  body?: Body;
  /** A body of this type that the handler reads and judges itself; `body` then only describes it. */
  takes?: 'application/json' | 'text/csv';
  /** Absent: 204 and no body. */
  response?: Response;
  /** The type of an answer that is no JSON. */
  gives?: 'text/csv';
  /** Where it is not 200. */
  status?: 202;
}

/** Declares a route and keeps the exact types of its parts. */
export const endpoint = <const E extends Endpoint>(definition: E): E => definition;

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;
type Given<T> = T extends z.ZodType ? z.input<T> : undefined;

/** What a handler receives, validated. */
export interface RequestOf<E extends Endpoint> {
  params: Parsed<E['params']>;
  query: Parsed<E['query']>;
  body: E extends { takes: string } ? undefined : Parsed<E['body']>;
}

type Part<Name extends string, T> = T extends z.ZodType ? { [K in Name]: Given<T> } : object;

/** What a caller must give: only the parts that the route declares. */
export type CallOf<E extends Endpoint> = Part<'params', E['params']> &
  Part<'query', E['query']> &
  Part<'body', E['body']>;

/** What a caller gets back. */
export type ResponseOf<E extends Endpoint> = E['response'] extends z.ZodType ? z.output<E['response']> : void;
