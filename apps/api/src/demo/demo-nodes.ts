import type { NodeKind } from '#domain';

export interface DemoNode {
  key: string;
  under: string | null;
  kind: NodeKind;
  name: string;
}

const units: readonly DemoNode[] = [
  { key: 'municipality', under: null, kind: 'municipality', name: 'Exempelby kommun' },
  { key: 'committee', under: 'municipality', kind: 'committee', name: 'Socialnämnden' },
  { key: 'department', under: 'committee', kind: 'department', name: 'Vård- och omsorgsförvaltningen' },
  { key: 'homecare', under: 'department', kind: 'service_area', name: 'Hemtjänst' },
  { key: 'centrum', under: 'homecare', kind: 'unit', name: 'Hemtjänst Centrum' },
  { key: 'norr', under: 'homecare', kind: 'unit', name: 'Hemtjänst Norr' },
  { key: 'residential', under: 'department', kind: 'service_area', name: 'Särskilt boende' },
  { key: 'bjorkgarden', under: 'residential', kind: 'unit', name: 'Björkgården' },
  { key: 'ekbacken', under: 'residential', kind: 'unit', name: 'Ekbacken' },
];

/** Places `C-01`, `C-02` … of a unit: codes without an address (rule P3). */
function places(under: string, prefix: string, count: number): DemoNode[] {
  const codes = Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(2, '0')}`);
  return codes.map((name) => ({ key: name, under, kind: 'place', name }));
}

/** The tree, parents before children; nobody's real municipality. */
export const DEMO_NODES: readonly DemoNode[] = [
  ...units,
  ...places('centrum', 'C', 12),
  ...places('norr', 'N', 8),
  ...places('bjorkgarden', 'B', 3),
  ...places('bjorkgarden', 'BD', 4),
  ...places('ekbacken', 'E', 3),
  ...places('ekbacken', 'ED', 4),
];
