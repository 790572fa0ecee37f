import { describe, expect, it } from 'vitest';
import {
  assertChildKind,
  assertMayClose,
  assertValidity,
  assertWithinParent,
  childKindsOf,
  isValidOn,
  NODE_KINDS,
  type NodeKind,
} from './organisation.js';

describe('the organisation tree', () => {
  it.each<[NodeKind | null, NodeKind[]]>([
    [null, ['municipality']],
    ['municipality', ['committee', 'department', 'service_area', 'unit']],
    ['committee', ['department', 'service_area', 'unit']],
    ['department', ['service_area', 'unit']],
    ['service_area', ['unit', 'place']],
    ['unit', ['place']],
    ['place', []],
  ])('under %s stand %j and nothing else', (parent, allowed) => {
    expect(childKindsOf(parent)).toEqual(allowed);
    for (const kind of NODE_KINDS) {
      const check = () => assertChildKind(parent, kind);
      if (allowed.includes(kind)) expect(check).not.toThrow();
      else expect(check).toThrow(expect.objectContaining({ code: 'child_kind_not_allowed' }));
    }
  });

  it('says how to mend a wrong child', () => {
    expect(() => assertChildKind('unit', 'department')).toThrow(
      'A department cannot stand under a unit: choose one of place.',
    );
  });
});

describe('validity dates (rule D6)', () => {
  it.each([
    ['2026-01-01', null],
    ['2026-01-01', '2026-01-02'],
    ['2028-02-29', null],
  ])('takes %s to %s', (from, to) => {
    expect(() => assertValidity(from, to)).not.toThrow();
  });

  it.each([
    ['2026-01-01', '2026-01-01', 'validity_reversed'],
    ['2026-01-02', '2026-01-01', 'validity_reversed'],
    ['2026-02-30', null, 'date_not_real'],
    ['2026-01-01', '1 May', 'date_not_real'],
    ['2026-1-1', null, 'date_not_real'],
  ])('refuses %s to %s as %s', (from, to, code) => {
    expect(() => assertValidity(from, to)).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['2025-12-31', false],
    ['2026-01-01', true],
    ['2026-06-30', true],
    ['2026-07-01', false],
  ])('tree as of %s: in force %s', (day, valid) => {
    expect(isValidOn({ validFrom: '2026-01-01', validTo: '2026-07-01' }, day)).toBe(valid);
  });
});

describe('a node within its parent (rule D6)', () => {
  const parent = { validFrom: '2026-01-01', validTo: '2027-01-01' };

  it.each([
    ['2026-01-01', '2027-01-01', true],
    ['2026-03-01', '2026-09-01', true],
    ['2025-12-31', '2026-09-01', false],
    ['2026-03-01', '2027-01-02', false],
    ['2026-03-01', null, false],
  ])('%s to %s: allowed %s', (validFrom, validTo, allowed) => {
    const check = () => assertWithinParent({ validFrom, validTo }, parent);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'validity_outside_parent' }));
  });

  it('may go on for ever below one that does', () => {
    expect(() =>
      assertWithinParent({ validFrom: '2026-03-01', validTo: null }, { ...parent, validTo: null }),
    ).not.toThrow();
  });
});

describe('closing a node', () => {
  it.each([
    [{ isRoot: false, openChildren: 0, openPlacements: 0 }, true],
    [{ isRoot: false, openChildren: 1, openPlacements: 0 }, false],
    [{ isRoot: false, openChildren: 0, openPlacements: 1 }, false],
    [{ isRoot: true, openChildren: 0, openPlacements: 0 }, false],
  ])('%j: allowed %s', (use, allowed) => {
    const check = () => assertMayClose(use);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'node_in_use' }));
  });
});
