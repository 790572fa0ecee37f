import type { Format } from '../format.js';

/** A price to the öre where it has any: "2 450,50 kr", "89 kr". */
export function priceText(ore: number, format: Format): string {
  if (ore % 100 === 0) return format.kronor(ore);
  return `${format.number(ore / 100, 2).replace(/([.,]\d)$/, '$10')}\u202fkr`;
}
