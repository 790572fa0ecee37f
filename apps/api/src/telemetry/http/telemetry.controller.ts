import { telemetryApi, type TelemetryAnswer, type UpwardChannel } from '#contracts';
import { Controller } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type ApiRequest, Route } from '../../http/route.js';
import { TelemetryService } from './telemetry.service.js';

interface Http {
  request: ApiRequest;
  reply: FastifyReply;
}

@Controller()
export class TelemetryController {
  constructor(private readonly telemetry: TelemetryService) {}

  @Route(telemetryApi.usage)
  usage(_caller: undefined, _input: object, http: Http): Promise<TelemetryAnswer> {
    return this.take('usage', http);
  }

  @Route(telemetryApi.state)
  state(_caller: undefined, _input: object, http: Http): Promise<TelemetryAnswer> {
    return this.take('state', http);
  }

  @Route(telemetryApi.health)
  health(_caller: undefined, _input: object, http: Http): Promise<TelemetryAnswer> {
    return this.take('health', http);
  }

  private take(channel: UpwardChannel, { request, reply }: Http): Promise<TelemetryAnswer> {
    void reply.header('www-authenticate', 'Basic realm="device", charset="UTF-8"');
    const { authorization } = request.headers;
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    return this.telemetry.take({ channel, authorization, address: request.ip, body });
  }
}
