import type { LineBenefitView } from '#contracts';
import { CATEGORIES, type Category } from '#domain';

/** The three streams of one category, kept apart (rule B2); öre. `potentialOre` null: nothing of it is measured. */
export interface Streams {
  category: Category;
  plannedOre: number;
  potentialOre: number | null;
  realisedOre: number;
}

/** A trial's lines summed within each category and never across (rule B1), in the categories' own order. */
export function streamsByCategory(lines: readonly LineBenefitView[]): Streams[] {
  return CATEGORIES.map((category) => ({ category, own: lines.filter((line) => line.category === category) }))
    .filter(({ own }) => own.length > 0)
    .map(({ category, own }) => ({
      category,
      plannedOre: own.reduce((sum, line) => sum + line.plannedOre, 0),
      potentialOre: own.some(({ potentialOre }) => potentialOre !== null)
        ? own.reduce((sum, line) => sum + (line.potentialOre ?? 0), 0)
        : null,
      realisedOre: own.reduce((sum, line) => sum + line.realisedOre, 0),
    }));
}
