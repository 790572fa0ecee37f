import type { Role } from '#domain';

/** Known to everybody: the log-ins of a demo are refused unless the server listens on this machine alone (rule K4). */
export const DEMO_PASSWORD = 'prova-exempelby';

export interface DemoPerson {
  email: string;
  name: string;
  role: Role;
  /** The key of a node in {@link DEMO_NODES}, or of a trial. */
  on: string;
}

/** One person for each thing that can be done; `.example` is reserved and can never receive mail (RFC 2606). */
export const DEMO_PEOPLE: readonly DemoPerson[] = [
  { email: 'tekniker@demo.example', name: 'Tove Tekniker', role: 'technician', on: 'department' },
  { email: 'enhetschef@demo.example', name: 'Maria Enhetschef', role: 'manager', on: 'centrum' },
  { email: 'enhetschef.norr@demo.example', name: 'Nils Enhetschef', role: 'manager', on: 'norr' },
  { email: 'enhetschef.bjorkgarden@demo.example', name: 'Birgit Enhetschef', role: 'manager', on: 'bjorkgarden' },
  { email: 'projektledare@demo.example', name: 'Petra Projektledare', role: 'project_lead', on: 'locks' },
  { email: 'beredning@demo.example', name: 'Bo Beredare', role: 'assessor', on: 'municipality' },
  { email: 'beslut@demo.example', name: 'Doris Digitaliseringsråd', role: 'decider', on: 'municipality' },
  { email: 'it-samordnare@demo.example', name: 'Isak IT-samordnare', role: 'it_security', on: 'municipality' },
  { email: 'revisor@demo.example', name: 'Rut Revisor', role: 'auditor', on: 'municipality' },
  { email: 'medarbetare@demo.example', name: 'Mo Medarbetare', role: 'staff', on: 'centrum' },
  { email: 'admin@demo.example', name: 'Ada Administratör', role: 'admin', on: 'municipality' },
];
