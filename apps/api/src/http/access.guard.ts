import {
  type CanActivate,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { cookieValue, SESSION_COOKIE } from '../identity/cookies.js';
import { scopeFor, SessionsService } from '../identity/sessions.service.js';
import { type ApiRequest, endpointOf } from './route.js';

const SAFE = ['GET', 'HEAD'];

/** Default deny: a handler without an endpoint is refused, and each endpoint names the one permission it needs. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly sessions: SessionsService) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true; // sockets are checked where a page is watched
    const endpoint = endpointOf(context);
    if (!endpoint) throw new ForbiddenException('This route names no permission.');
    const request = context.switchToHttp().getRequest<ApiRequest>();
    refuseForeignOrigin(request);
    if (endpoint.access === 'public') return true;
    const token = cookieValue(request.headers.cookie, SESSION_COOKIE);
    const session = token ? await this.sessions.find(token) : null;
    if (!session) throw new UnauthorizedException('Log in first.');
    request.sessionHash = session.tokenHash;
    request.caller = session.person;
    if (endpoint.access === 'authenticated') return true;
    const scope = scopeFor(endpoint.access, session);
    if (!scope) throw new ForbiddenException(`Your roles do not permit ${endpoint.access}.`);
    request.caller = scope;
    return true;
  }
}

/** A second wall behind SameSite: another site's page must not change anything with our cookie. */
function refuseForeignOrigin(request: ApiRequest): void {
  const origin = request.headers.origin;
  if (SAFE.includes(request.method) || !origin || request.headers['sec-fetch-site'] === 'same-origin') return;
  if (URL.canParse(origin) && new URL(origin).host === request.headers.host) return;
  throw new ForbiddenException('The request comes from another site.');
}
