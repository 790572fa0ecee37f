import type { Permission } from '#domain';
import {
  IconActivityHeartbeat,
  IconDatabase,
  IconDeviceTablet,
  IconFlask,
  IconHistory,
  IconMailOff,
  IconPackage,
  IconRouter,
  IconServerBolt,
  IconSitemap,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';

/** The main menu: what one's roles permit is shown. */
export const NAVIGATION = [
  { to: '/', key: 'live', permission: 'live:read', icon: IconActivityHeartbeat },
  { to: '/trials', key: 'trials', permission: 'trial:read', icon: IconFlask },
  { to: '/devices', key: 'devices', permission: 'device:read', icon: IconDeviceTablet },
  { to: '/gateways', key: 'gateways', permission: 'device:read', icon: IconRouter },
  { to: '/products', key: 'products', permission: 'product:read', icon: IconPackage },
  { to: '/rejects', key: 'rejects', permission: 'reject:read', icon: IconMailOff },
  { to: '/organisation', key: 'organisation', permission: 'organisation:read', icon: IconSitemap },
  { to: '/users', key: 'users', permission: 'user:read', icon: IconUsers },
  { to: '/system', key: 'system', permission: 'system:read', icon: IconServerBolt },
  { to: '/storage', key: 'storage', permission: 'audit:read', icon: IconDatabase },
  { to: '/audit', key: 'audit', permission: 'audit:read', icon: IconHistory },
] as const satisfies readonly { to: string; key: string; permission: Permission; icon: Icon }[];
