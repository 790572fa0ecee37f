import { describe, expect, it } from 'vitest';
import {
  assertAdministratorRemains,
  hasPermission,
  mayGrant,
  PERMISSIONS,
  permissionsOf,
  ROLES,
  type Permission,
  type Role,
} from './roles.js';

const rolesWith = (permission: Permission): Role[] => ROLES.filter((role) => hasPermission(role, permission));

describe('permissions of roles (domain.md §2)', () => {
  it.each<[Permission, Role[]]>([
    ['organisation:edit', ['admin']],
    ['user:edit', ['admin']],
    ['user:read', ['auditor', 'admin']],
    ['product:edit', ['technician']],
    ['device:edit', ['technician']],
    ['trial:edit', ['project_lead', 'technician']],
    ['trial:move', ['project_lead', 'technician']],
    ['benefit:confirm', ['manager']],
    ['reject:read', ['it_security', 'technician', 'auditor', 'admin']],
    ['reject:replay', ['technician']],
    ['usage:enter', ['technician']],
    ['audit:read', ['it_security', 'auditor', 'admin']],
    ['system:read', ['it_security', 'technician', 'auditor', 'admin']],
  ])('%s belongs to %j', (permission, roles) => {
    expect(rolesWith(permission)).toEqual(roles);
  });

  it('lets every role read the organisation', () => {
    expect(rolesWith('organisation:read')).toEqual([...ROLES]);
  });

  it('lets the auditor read all and change nothing', () => {
    expect(permissionsOf('auditor')).toEqual(PERMISSIONS.filter((permission) => permission.endsWith(':read')));
  });

  it.each(ROLES)('names each permission of %s once', (role) => {
    expect(new Set(permissionsOf(role)).size).toBe(permissionsOf(role).length);
  });
});

describe('granting a role (rule P5)', () => {
  const admin = { userId: 'a', role: 'admin' } as const;

  it('is allowed to an administrator for someone else', () => {
    expect(() => mayGrant(admin, { userId: 'b' }, 'manager')).not.toThrow();
  });

  it.each(ROLES)('is never allowed for oneself: %s', (role) => {
    expect(() => mayGrant(admin, { userId: 'a' }, role)).toThrow(expect.objectContaining({ code: 'own_grant' }));
  });

  it.each(ROLES.filter((role) => role !== 'admin'))('is not allowed to a %s', (role) => {
    expect(() => mayGrant({ userId: 'a', role }, { userId: 'b' }, 'staff')).toThrow(
      expect.objectContaining({ code: 'grant_not_allowed' }),
    );
  });
});

describe('the last administrator', () => {
  it.each([
    [1, true],
    [0, false],
  ])('with %i others: may go %s', (others, allowed) => {
    const check = () => assertAdministratorRemains(others);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'last_administrator' }));
  });
});
