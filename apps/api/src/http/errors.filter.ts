import type { ErrorView } from '#contracts';
import { RuleViolation } from '#domain';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { QueryFailedError } from 'typeorm';
import { LinkNotValid, LogInRefused, TooManyAttempts, WrongPassword } from '../identity/refusals.js';
import { NotInScope } from '../scope/scoped.js';
import { TelemetryRefused } from '../telemetry/http/refusals.js';
import { BadRequest } from './parse-request.js';

/** What a caller is told about a broken database constraint; anything else in the database is our fault. */
const CONSTRAINTS: Record<string, { status: number; code: string; message: string }> = {
  '23505': {
    status: 409,
    code: 'already_exists',
    message: 'Something with that name, number or address exists already.',
  },
  '23P01': {
    status: 409,
    code: 'placement_overlaps',
    message: 'The device is already placed somewhere in that time; end that placement first.',
  },
  '23514': { status: 422, code: 'value_not_allowed', message: 'A value lies outside what is allowed.' },
  '22021': { status: 422, code: 'value_not_allowed', message: 'A text holds a character that cannot be stored.' },
  '22P05': { status: 422, code: 'value_not_allowed', message: 'A text holds a character that cannot be stored.' },
  '23503': { status: 422, code: 'unknown_reference', message: 'Something that the request names does not exist.' },
};

interface DriverError {
  code?: string;
  constraint?: string;
}

/** The one place where errors become answers; services throw what happened and know nothing of HTTP. */
@Catch()
export class ErrorsFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    const view = this.view(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const retryAfter = retryAfterOf(error);
    if (retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(retryAfter)));
    void reply.status(view.statusCode).send(view);
  }

  private view(error: unknown): ErrorView {
    if (error instanceof BadRequest)
      return { statusCode: 400, code: 'bad_request', message: error.message, errors: error.errors };
    if (error instanceof RuleViolation) return ruleView(error);
    if (error instanceof NotInScope) return { statusCode: 404, code: 'not_found', message: error.message };
    const refusal = refusalView(error);
    if (refusal) return refusal;
    if (error instanceof HttpException) return httpView(error);
    if (error instanceof QueryFailedError) return this.constraintView(error as QueryFailedError);
    if (isClientError(error))
      return { statusCode: error.statusCode, code: error.code.toLowerCase(), message: error.message };
    return this.unexpected(error);
  }

  private constraintView(error: QueryFailedError): ErrorView {
    const { code = '', constraint } = error.driverError as DriverError;
    const known = CONSTRAINTS[code];
    if (!known) return this.unexpected(error);
    const view = { statusCode: known.status, code: known.code, message: known.message };
    return constraint ? { ...view, details: { constraint } } : view;
  }

  private unexpected(error: unknown): ErrorView {
    this.logger.error(error);
    return { statusCode: 500, code: 'internal', message: 'Something went wrong on the server; it has been logged.' };
  }
}

const retryAfterOf = (error: unknown): number | undefined =>
  error instanceof TooManyAttempts || error instanceof TelemetryRefused ? error.retryAfterSeconds : undefined;

const ruleView = (error: RuleViolation): ErrorView => {
  const view = { statusCode: 422, code: error.code, message: error.message };
  return error.details ? { ...view, details: { ...error.details } } : view;
};

/** What the log-in, one-time links and a change of password answer. */
const refusalView = (error: unknown): ErrorView | undefined => {
  if (error instanceof LogInRefused) {
    return { statusCode: error.code === 'demo_only_locally' ? 403 : 401, code: error.code, message: error.message };
  }
  if (error instanceof TooManyAttempts) return { statusCode: 429, code: 'too_many_attempts', message: error.message };
  if (error instanceof WrongPassword) return { statusCode: 422, code: 'wrong_password', message: error.message };
  if (error instanceof LinkNotValid) return { statusCode: 404, code: 'link_not_valid', message: error.message };
  return undefined;
};

const CODES: Record<number, string> = { 401: 'not_logged_in', 403: 'forbidden', 404: 'not_found' };
const httpView = (error: HttpException): ErrorView => {
  const statusCode = error.getStatus();
  return { statusCode, code: CODES[statusCode] ?? 'refused', message: error.message };
};

/** Fastify's own refusals: malformed JSON, a body too large, an unknown content type. */
const isClientError = (error: unknown): error is Error & { statusCode: number; code: string } =>
  error instanceof Error &&
  'statusCode' in error &&
  typeof error.statusCode === 'number' &&
  error.statusCode >= 400 &&
  error.statusCode < 500 &&
  'code' in error &&
  typeof error.code === 'string';
