import { identityApi, type RequestOf, type SessionView } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Config } from '../../config.js';
import { type ApiRequest, Route } from '../../http/route.js';
import type { Person } from '../../scope/scope.js';
import { CONFIG } from '../../settings.js';
import { clearSessionCookie, cookieValue, SESSION_COOKIE, setSessionCookie } from '../cookies.js';
import { LinksService } from './links.service.js';
import { type Entered, LogInService, type Visit } from './log-in.service.js';

interface Http {
  request: ApiRequest;
  reply: FastifyReply;
}

@Controller()
export class SessionController {
  private readonly secure: boolean;

  constructor(
    private readonly logIns: LogInService,
    private readonly links: LinksService,
    @Inject(CONFIG) config: Config,
  ) {
    this.secure = config.publicUrl.startsWith('https:');
  }

  @Route(identityApi.logIn)
  async logIn(_caller: undefined, { body }: RequestOf<typeof identityApi.logIn>, http: Http): Promise<SessionView> {
    return this.entered(http, await this.logIns.logIn(body, visitOf(http)));
  }

  @Route(identityApi.session)
  async session(person: Person): Promise<SessionView> {
    return this.logIns.view(person);
  }

  @Route(identityApi.logOut)
  async logOut(person: Person, _input: unknown, { request, reply }: Http): Promise<void> {
    clearSessionCookie(reply, this.secure);
    if (request.sessionHash) await this.logIns.logOut(person, request.sessionHash);
  }

  @Route(identityApi.setLocale)
  async setLocale(person: Person, { body }: RequestOf<typeof identityApi.setLocale>): Promise<void> {
    await this.logIns.setLocale(person, body.locale);
  }

  @Route(identityApi.link)
  async link(_caller: undefined, { params }: RequestOf<typeof identityApi.link>) {
    return this.links.view(params.token);
  }

  @Route(identityApi.setUp)
  async setUp(_caller: undefined, { params, body }: RequestOf<typeof identityApi.setUp>, http: Http) {
    return this.entered(http, await this.links.setUp(params.token, body, visitOf(http)));
  }

  @Route(identityApi.acceptInvitation)
  async accept(_caller: undefined, { params, body }: RequestOf<typeof identityApi.acceptInvitation>, http: Http) {
    const link = { token: params.token, kind: 'invitation' } as const;
    return this.entered(http, await this.links.choosePassword(link, body.password, visitOf(http)));
  }

  @Route(identityApi.resetPassword)
  async reset(_caller: undefined, { params, body }: RequestOf<typeof identityApi.resetPassword>, http: Http) {
    const link = { token: params.token, kind: 'password_reset' } as const;
    return this.entered(http, await this.links.choosePassword(link, body.password, visitOf(http)));
  }

  private entered({ reply }: Http, { token, view }: Entered): SessionView {
    setSessionCookie(reply, token, this.secure);
    return view;
  }
}

const visitOf = ({ request }: Http): Visit => ({
  address: request.ip,
  userAgent: request.headers['user-agent'] ?? null,
  previousToken: cookieValue(request.headers.cookie, SESSION_COOKIE),
});
