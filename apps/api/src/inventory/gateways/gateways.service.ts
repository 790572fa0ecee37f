import type {
  GatewayChildView,
  GatewayPageView,
  gatewaysApi,
  GatewayView,
  RegisterGateway,
  RequestOf,
  ResponseOf,
} from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { addChild, type NewChild, removeChild } from './children.js';
import { closeGateway, editGateway, type GatewayChange } from './edit-gateway.js';
import { rotateGatewaySecret } from './gateway-credentials.js';
import { heardNames, listChildren, listGateways, readGateway } from './gateways.queries.js';
import { registerGateway } from './register-gateway.js';
import { sendersOf } from './senders.queries.js';

type Credentialed = ResponseOf<typeof gatewaysApi.register>;

@Injectable()
export class GatewaysService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<typeof gatewaysApi.list>['query']): Promise<ResponseOf<typeof gatewaysApi.list>> {
    return listGateways(this.db.manager, scope, query);
  }

  async get(scope: Scope, id: string): Promise<GatewayPageView> {
    const { manager } = this.db;
    const gateway = await readGateway(manager, scope, id);
    const children = await listChildren(manager, scope, { gatewayId: id });
    const heard = await heardNames(manager, scope, id);
    return { gateway, children, heard, senders: await sendersOf(manager, scope, id) };
  }

  register(scope: Scope, body: RegisterGateway): Promise<Credentialed> {
    return this.db.transaction((tx) => registerGateway(tx, scope, body));
  }

  edit(scope: Scope, request: { id: string; change: GatewayChange }): Promise<GatewayView> {
    return this.db.transaction((tx) => editGateway(tx, scope, request));
  }

  rotateSecret(scope: Scope, request: { id: string; revokeOld: boolean }): Promise<Credentialed> {
    return this.db.transaction((tx) => rotateGatewaySecret(tx, scope, request));
  }

  close(scope: Scope, id: string): Promise<GatewayView> {
    return this.db.transaction((tx) => closeGateway(tx, scope, id));
  }

  addChild(scope: Scope, child: NewChild): Promise<GatewayChildView> {
    return this.db.transaction((tx) => addChild(tx, scope, child));
  }

  removeChild(scope: Scope, request: { id: string; childId: string }): Promise<GatewayView> {
    return this.db.transaction((tx) => removeChild(tx, scope, request));
  }
}
