import { type Ecosystem, USUAL_PREFIXES } from '#domain';

/** The prefix that a gateway's topics have: the chosen one where the ecosystem lets its clients choose. */
export function prefixOf(ecosystem: Ecosystem, chosen: string | null): string {
  const usual = USUAL_PREFIXES[ecosystem];
  return usual === null ? '' : (chosen ?? usual);
}
