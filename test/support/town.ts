import type { OrgNodeEntity } from '#database';
import type { TestApi } from './api.js';
import * as build from './builders.js';

/** A municipality of two units with its administrators. */
export interface Town {
  root: OrgNodeEntity;
  north: OrgNodeEntity;
  south: OrgNodeEntity;
  admin: build.TestUser;
  /** Administers the north alone. */
  northAdmin: build.TestUser;
}

/** A municipality that no other test has. */
export async function buildTown(api: TestApi): Promise<Town> {
  const root = await build.municipality(api);
  const north = await build.node(api, root, { name: 'Norr' });
  const south = await build.node(api, root, { name: 'Söder' });
  const admin = await build.user(api, { role: 'admin', node: root });
  return { root, north, south, admin, northAdmin: await build.user(api, { role: 'admin', node: north }) };
}

let invited = 0;
/** An invitation of a manager at an address that is new to the test file. */
export const invitation = (nodeId: string) => {
  invited += 1;
  return { email: `new${invited}@example.se`, name: 'Ny Person', grant: { role: 'manager', nodeId } } as const;
};

/** A refusal by a rule, as an answer is compared with it. */
export const refusedBy = (code: string) => ({ status: 422, body: { code } });
