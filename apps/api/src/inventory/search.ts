/** Each word as a LIKE pattern in which %, _ and \ stand for themselves; å typed as a + ring is the same letter. */
export function likePatterns(search: string): string[] {
  const words = search
    .normalize('NFC')
    .split(/\s+/)
    .filter((word) => word !== '');
  return words.map((word) => `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`);
}
