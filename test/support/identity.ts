import type { OrgNodeEntity } from '#database';
import type { TestApi } from './api.js';
import * as build from './builders.js';

/** The manager of a municipality of their own. */
export async function manager(
  api: TestApi,
  given: { demo?: boolean } = {},
): Promise<{ root: OrgNodeEntity; who: build.TestUser }> {
  const root = await build.municipality(api, given);
  return { root, who: await build.user(api, { role: 'manager', node: root }) };
}

/** The session's token in an answer's cookie; empty when there is none. */
export const tokenIn = (headers: Headers): string =>
  /nyttospar_session=([^;]*)/.exec(headers.get('set-cookie') ?? '')?.[1] ?? '';

/** The token of a one-time link; empty when there is none. */
export const tokenOf = (link: string | null): string => link?.split('/').at(-1) ?? '';
