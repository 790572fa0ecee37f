import { ADAPTERS, isWithinFilter } from '#telemetry';
import type { Principal } from '../broker/authentication.js';
import type { Custody } from '../custody.js';
import type { Gateways } from './gateways.js';

/** Who may log in: devices, and gateways under negative keys. */
export class Logins {
  constructor(
    private readonly custody: Custody,
    private readonly gateways: Gateways,
  ) {}

  byPublicId(publicId: string): Principal | undefined {
    return this.custody.deviceByPublicId(publicId) ?? this.gateways.gatewayByPublicId(publicId);
  }

  byKey(key: number): Principal | undefined {
    return key < 0 ? this.gateways.gatewayByKey(key) : this.custody.deviceByKey(key);
  }

  /** Devices and gateways as they are in the database now. */
  async refresh(): Promise<void> {
    await this.custody.refresh();
    await this.gateways.refresh(this.custody.version);
  }

  /** A gateway may listen on its own topics, on which nothing is ever sent: its software insists on being let. */
  maySubscribe(key: number, filter: string): boolean {
    const gateway = key < 0 ? this.gateways.gatewayByKey(key) : undefined;
    if (!gateway) return false;
    return ADAPTERS[gateway.ecosystem]
      .filters(gateway.topicPrefix)
      .some((own) => isWithinFilter(filter, own) || (gateway.ecosystem === 'thingsboard' && THINGSBOARD.test(filter)));
  }
}

/** Commands and attributes that a ThingsBoard client asks for as soon as it is connected. */
const THINGSBOARD = /^v1\/(gateway|devices\/me)\/[^$]*$/;
