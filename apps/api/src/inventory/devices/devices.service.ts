import type {
  DeviceDaysView,
  DeviceDetailView,
  DeviceView,
  devicesApi,
  RegisterDevice,
  RequestOf,
  ResponseOf,
} from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readDeviceDays } from '../../live/days/days.js';
import type { Scope } from '../../scope/scope.js';
import { rotateSecret } from './credentials.js';
import { readDevice } from './devices.queries.js';
import { type DeviceChange, editDevice } from './edit-device.js';
import { listDevices } from './list-devices.queries.js';
import { mayEditDevice } from './may-edit.js';
import { registerDevice } from './register-device.js';

type Credentialed = ResponseOf<typeof devicesApi.register>;

@Injectable()
export class DevicesService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<typeof devicesApi.list>['query']): Promise<ResponseOf<typeof devicesApi.list>> {
    return listDevices(this.db.manager, scope, query);
  }

  async get(scope: Scope, id: string): Promise<DeviceDetailView> {
    const device = await readDevice(this.db.manager, scope, id);
    return { ...device, mayEdit: await mayEditDevice(this.db.manager, scope, id) };
  }

  days(scope: Scope, id: string): Promise<DeviceDaysView> {
    return readDeviceDays(this.db.manager, scope, { id, now: new Date() });
  }

  register(scope: Scope, body: RegisterDevice): Promise<Credentialed> {
    return this.db.transaction((tx) => registerDevice(tx, scope, { body }));
  }

  edit(scope: Scope, request: { id: string; change: DeviceChange }): Promise<DeviceView> {
    return this.db.transaction((tx) => editDevice(tx, scope, request));
  }

  rotateSecret(scope: Scope, request: { id: string; revokeOld: boolean }): Promise<Credentialed> {
    return this.db.transaction((tx) => rotateSecret(tx, scope, request));
  }
}
