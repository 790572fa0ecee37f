import { devicesApi, type RequestOf, type ResponseOf } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../../http/route.js';
import { DevicesService } from './devices.service.js';

type Api = typeof devicesApi;

@Controller()
export class DevicesController {
  constructor(private readonly devices: DevicesService) {}

  @Route(devicesApi.list)
  list(scope: CallerOf<Api['list']>, { query }: RequestOf<Api['list']>): Promise<ResponseOf<Api['list']>> {
    return this.devices.list(scope, query);
  }

  @Route(devicesApi.get)
  get(scope: CallerOf<Api['get']>, { params }: RequestOf<Api['get']>): Promise<ResponseOf<Api['get']>> {
    return this.devices.get(scope, params.id);
  }

  @Route(devicesApi.days)
  days(scope: CallerOf<Api['days']>, { params }: RequestOf<Api['days']>): Promise<ResponseOf<Api['days']>> {
    return this.devices.days(scope, params.id);
  }

  @Route(devicesApi.register)
  register(
    scope: CallerOf<Api['register']>,
    { body }: RequestOf<Api['register']>,
  ): Promise<ResponseOf<Api['register']>> {
    return this.devices.register(scope, body);
  }

  @Route(devicesApi.edit)
  edit(scope: CallerOf<Api['edit']>, { params, body }: RequestOf<Api['edit']>): Promise<ResponseOf<Api['edit']>> {
    return this.devices.edit(scope, { id: params.id, change: body });
  }

  @Route(devicesApi.rotateSecret)
  rotateSecret(
    scope: CallerOf<Api['rotateSecret']>,
    { params, body }: RequestOf<Api['rotateSecret']>,
  ): Promise<ResponseOf<Api['rotateSecret']>> {
    return this.devices.rotateSecret(scope, { id: params.id, revokeOld: body.revokeOld });
  }
}
