import { healthApi, type ResponseOf } from '#contracts';
import { Controller, Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Route } from '../http/route.js';
import { HealthService } from './health.service.js';

@Controller()
export class HealthController {
  constructor(@Inject(HealthService) private readonly health: HealthService) {}

  @Route(healthApi.live)
  async live(): Promise<ResponseOf<typeof healthApi.live>> {
    return { ok: true };
  }

  @Route(healthApi.ready)
  async ready(
    _caller: undefined,
    _input: unknown,
    { reply }: { reply: FastifyReply },
  ): Promise<ResponseOf<typeof healthApi.ready>> {
    const view = await this.health.ready();
    void reply.status(view.ok ? 200 : 503);
    return view;
  }
}
