import { RuleViolation } from './errors.js';

/** What a person is in a grant; who they are in Swedish stands in the message catalogue. */
export const ROLES = [
  'staff',
  'it_security',
  'project_lead',
  'technician',
  'manager',
  'assessor',
  'decider',
  'auditor',
  'admin',
] as const;

export type Role = (typeof ROLES)[number];

/** One permission per thing done; a grant gives a role's permissions on a node's subtree or on one trial. */
export const PERMISSIONS = [
  'organisation:read',
  'organisation:edit',
  'user:read',
  'user:edit',
  'product:read',
  'product:edit',
  'device:read',
  'device:edit',
  'trial:read',
  'trial:edit',
  'trial:move',
  'benefit:confirm',
  'live:read',
  'reject:read',
  'reject:replay',
  'usage:enter',
  'audit:read',
  'system:read',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  staff: ['organisation:read', 'live:read'],
  it_security: [
    'organisation:read',
    'product:read',
    'device:read',
    'trial:read',
    'reject:read',
    'audit:read',
    'system:read',
  ],
  project_lead: [
    'organisation:read',
    'product:read',
    'device:read',
    'trial:read',
    'trial:edit',
    'trial:move',
    'live:read',
  ],
  technician: [
    'organisation:read',
    'product:read',
    'product:edit',
    'device:read',
    'device:edit',
    'trial:read',
    'trial:edit',
    'trial:move',
    'live:read',
    'reject:read',
    'reject:replay',
    // Entering usage is measuring: it lies with technicians, and not with managers, who confirm what it is worth.
    'usage:enter',
    'system:read',
  ],
  // Realised benefit is confirmed where the freed time is used, and by nobody who measures it (domain.md §5).
  manager: ['organisation:read', 'product:read', 'device:read', 'trial:read', 'live:read', 'benefit:confirm'],
  assessor: ['organisation:read', 'product:read', 'device:read', 'trial:read', 'live:read'],
  decider: ['organisation:read', 'product:read', 'device:read', 'trial:read', 'live:read'],
  auditor: PERMISSIONS.filter((permission) => permission.endsWith(':read')),
  admin: [
    'organisation:read',
    'organisation:edit',
    'user:read',
    'user:edit',
    'product:read',
    'device:read',
    'trial:read',
    'live:read',
    'reject:read',
    'audit:read',
    'system:read',
  ],
};

/** The permissions a role carries inside its grant's scope. */
export function permissionsOf(role: Role): readonly Permission[] {
  return ROLE_PERMISSIONS[role];
}

/** Whether a role carries a permission. */
export function hasPermission(role: Role, permission: Permission): boolean {
  return ROLE_PERMISSIONS[role].includes(permission);
}

/**
 * Returns when the granter may give the grantee a role; throws `own_grant` for one's own (rule P5), also for an
 * administrator, and `grant_not_allowed` when the granter's role cannot edit users. Scope is the caller's to check.
 */
export function mayGrant(granter: { userId: string; role: Role }, grantee: { userId: string }, role: Role): void {
  if (granter.userId === grantee.userId) {
    throw new RuleViolation(
      'own_grant',
      `Nobody grants themselves a role: ask another administrator to grant ${role}.`,
      { role },
    );
  }
  if (!hasPermission(granter.role, 'user:edit')) {
    throw new RuleViolation('grant_not_allowed', `A ${granter.role} cannot grant ${role}: ask an administrator.`, {
      role,
      granterRole: granter.role,
    });
  }
}

/** Throws `last_administrator` when nobody would be left who administers the whole municipality without an end date. */
export function assertAdministratorRemains(others: number): void {
  if (others > 0) return;
  throw new RuleViolation(
    'last_administrator',
    'The municipality must keep an administrator: give another person the role on the whole municipality first.',
  );
}
