/** Lines of a result: what it is, and its value against the right edge; widths in characters. */
export const rowOf =
  (nameWidth: number, valueWidth: number) =>
  (name: string, value: string): string =>
    `${name.padEnd(nameWidth)} ${value.padStart(valueWidth)}\n`;
