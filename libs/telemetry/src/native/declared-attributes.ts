import { DIMENSION_SEPARATOR, isAttributeValid, type Attributes, type AttributeShape, type Metric } from '#domain';

/** The attributes of a usage as they are stored. */
export interface StoredAttributes {
  /** JSON with sorted names, null = none. */
  readonly json: string | null;
  /** Key of the roll-up row, as `dimensionsKey` makes it. */
  readonly dimensions: string;
  /** How many were sent that the metric does not declare: never stored. */
  readonly dropped: number;
}

/** Stores what a metric declares; the name of a declared attribute whose value is wrong. Pure. */
export type StoreAttributes = (attributes: Attributes | undefined) => StoredAttributes | { readonly invalid: string };

interface Declared {
  readonly name: string;
  readonly shape: AttributeShape;
  /** The name as JSON, with its colon. */
  readonly label: string;
}

const COMPILED = new WeakMap<Metric, StoreAttributes>();

/** The function for a metric, made once: walking the few declared names is a third of walking and sorting those sent. */
export function attributesOf(metric: Metric): StoreAttributes {
  const known = COMPILED.get(metric);
  if (known) return known;
  const store = compile(metric);
  COMPILED.set(metric, store);
  return store;
}

function compile(metric: Metric): StoreAttributes {
  const declared = Object.entries(metric.attributes)
    .map(([name, shape]): Declared => ({ name, shape, label: `${JSON.stringify(name)}:` }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const none = {
    json: null,
    dimensions: DIMENSION_SEPARATOR.repeat(Math.max(0, metric.dimensions.length - 1)),
    dropped: 0,
  };
  return (attributes) => (attributes === undefined ? none : store(attributes, { metric, declared, none }));
}

interface Compiled {
  readonly metric: Metric;
  readonly declared: readonly Declared[];
  readonly none: StoredAttributes;
}

function store(attributes: Attributes, { metric, declared, none }: Compiled): ReturnType<StoreAttributes> {
  let json = '';
  let kept = 0;
  for (const { name, shape, label } of declared) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value === undefined) continue;
    if (!isAttributeValid(shape, value)) return { invalid: name };
    json += (kept === 0 ? '{' : ',') + label + JSON.stringify(value);
    kept += 1;
  }
  const dropped = countNames(attributes) - kept;
  if (kept === 0) return dropped === 0 ? none : { ...none, dropped };
  return { json: `${json}}`, dimensions: dimensionsOf(metric, attributes), dropped };
}

function countNames(attributes: Attributes): number {
  let count = 0;
  for (const name in attributes) if (Object.hasOwn(attributes, name)) count += 1;
  return count;
}

/** The values are known to be valid here: `dimensionsKey` would look at each again. */
function dimensionsOf({ dimensions }: Metric, attributes: Attributes): string {
  let key = '';
  for (let index = 0; index < dimensions.length; index += 1) {
    const name = dimensions[index] ?? '';
    if (index > 0) key += DIMENSION_SEPARATOR;
    if (Object.hasOwn(attributes, name)) key += String(attributes[name]);
  }
  return key;
}
