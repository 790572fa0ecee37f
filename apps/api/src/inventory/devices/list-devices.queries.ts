import type { DeviceView } from '#contracts';
import { DeviceEntity, ProductEntity } from '#database';
import type { DeviceLifecycle } from '#domain';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { likePatterns } from '../search.js';
import { readDevices } from './devices.queries.js';

interface Filter {
  search?: string | undefined;
  productId?: string | undefined;
  lifecycle?: DeviceLifecycle | undefined;
  canaries?: 'included' | undefined;
  limit: number;
  offset: number;
}

/**
 * Devices of the scope by asset tag, each with its latest signal and where it stands now. Which ones are on the page, and
 * how many there are, is found by what they are filtered by alone; the rest is read for the page's devices.
 */
export async function listDevices(
  tx: EntityManager,
  scope: Scope,
  filter: Filter,
): Promise<{ rows: DeviceView[]; total: number }> {
  const wanted = await narrowed(tx, scope, filter);
  const [total, rows] = await Promise.all([
    countOf(wanted),
    idsOfPage(wanted, filter).then((ids) => readDevices(tx, scope, ids)),
  ]);
  return { rows, total };
}

type Devices = SelectQueryBuilder<DeviceEntity>;

async function narrowed(tx: EntityManager, scope: Scope, filter: Filter): Promise<Devices> {
  const query = scoped(tx, DeviceEntity, scope).query();
  if (filter.productId) query.andWhere('row.product_id = :productId', { productId: filter.productId });
  if (filter.lifecycle) query.andWhere('row.lifecycle = :lifecycle', { lifecycle: filter.lifecycle });
  if (filter.canaries !== 'included') query.andWhere('not row.is_canary');
  for (const [index, word] of (await foundWords(tx, scope, filter.search ?? '')).entries()) {
    const [pattern, products] = [`pattern${index}`, `products${index}`];
    // By the products first: that costs less than to compare texts.
    const isOfProduct = word.productIds.length > 0 ? `row.product_id = any(:${products}::uuid[]) or ` : '';
    query.andWhere(`(${isOfProduct}${TEXT} ilike :${pattern})`, {
      [pattern]: word.pattern,
      [products]: word.productIds,
    });
  }
  return query;
}

/** As the index on it says, to the letter. */
const TEXT = `(row.asset_tag || ' ' || coalesce(row.serial, ''))`;

/**
 * The words of a search, each with the products whose name holds it. A word has no space in it, so that it lies either in
 * what is the device's own or in its product's name.
 */
async function foundWords(
  tx: EntityManager,
  scope: Scope,
  search: string,
): Promise<{ pattern: string; productIds: string[] }[]> {
  const patterns = [...new Set(likePatterns(search))];
  if (patterns.length === 0) return [];
  const found = await scoped(tx, ProductEntity, scope)
    .query()
    .innerJoin(
      '(select unnest(:patterns::text[]) as pattern)',
      'word',
      `concat_ws(' ', row.supplier, row.model) ilike word.pattern`,
    )
    .setParameter('patterns', patterns)
    .select('row.id', 'id')
    .addSelect('word.pattern', 'pattern')
    .getRawMany<{ id: string; pattern: string }>();
  const byPattern = Map.groupBy(found, ({ pattern }) => pattern);
  return patterns.map((pattern) => ({ pattern, productIds: (byPattern.get(pattern) ?? []).map(({ id }) => id) }));
}

/** Not getCount, which counts distinct ids: there is one row a device here. */
async function countOf(wanted: Devices): Promise<number> {
  const counted = await wanted.clone().select('count(*)::int', 'total').getRawOne<{ total: number }>();
  return counted?.total ?? 0;
}

async function idsOfPage(wanted: Devices, { limit, offset }: Filter): Promise<string[]> {
  const page = wanted
    .clone()
    .select('row.id', 'id')
    .orderBy('row.asset_tag collate "sv-SE-x-icu"')
    .addOrderBy('row.id')
    .limit(limit)
    .offset(offset);
  return (await page.getRawMany<{ id: string }>()).map(({ id }) => id);
}
