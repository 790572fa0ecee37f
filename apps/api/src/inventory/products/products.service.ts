import { randomUUIDv7 } from 'node:crypto';
import type { ProductView, productsApi, RegisterProduct, RequestOf, ResponseOf } from '#contracts';
import { ProductEntity } from '#database';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { Refused } from '../refused.js';
import { listProducts, readProduct, rootOfScope } from './products.queries.js';

@Injectable()
export class ProductsService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<typeof productsApi.list>['query']): Promise<ResponseOf<typeof productsApi.list>> {
    return listProducts(this.db.manager, scope, query);
  }

  get(scope: Scope, id: string): Promise<ProductView> {
    return readProduct(this.db.manager, scope, id);
  }

  register(scope: Scope, body: RegisterProduct): Promise<ProductView> {
    return this.db.transaction((tx) => registerProduct(tx, scope, body));
  }

  edit(scope: Scope, change: { id: string; body: RegisterProduct }): Promise<ProductView> {
    return this.db.transaction((tx) => editProduct(tx, scope, change));
  }
}

/** Registers a product in the caller's municipality. */
export async function registerProduct(tx: EntityManager, scope: Scope, body: RegisterProduct): Promise<ProductView> {
  const id = randomUUIDv7();
  const rootId = await rootOfScope(tx, scope);
  await scoped(tx, ProductEntity, scope).save({ ...body, id, rootId, createdBy: scope.person.id });
  await audit(tx, scope.person, {
    rootId,
    action: 'product.register',
    subjectKind: 'product',
    subjectId: id,
    changes: body,
  });
  return readProduct(tx, scope, id);
}

async function editProduct(
  tx: EntityManager,
  scope: Scope,
  { id, body }: { id: string; body: RegisterProduct },
): Promise<ProductView> {
  const products = scoped(tx, ProductEntity, scope);
  const { family, rootId } = await products.lock(id);
  if (family !== body.family) await refuseFamilyInUse(tx, scope, id);
  await products.save({ ...body, id });
  await audit(tx, scope.person, {
    rootId,
    action: 'product.edit',
    subjectKind: 'product',
    subjectId: id,
    changes: body,
  });
  return readProduct(tx, scope, id);
}

/** Stored usage is read by the family's metrics and rules: another family would give it another meaning. */
async function refuseFamilyInUse(tx: EntityManager, scope: Scope, id: string): Promise<void> {
  const { devices, trials } = await readProduct(tx, scope, id);
  if (devices + trials === 0) return;
  throw new Refused(
    'product_family_in_use',
    `The product has ${devices} devices and ${trials} trials, whose usage is read by its family: register another product instead.`,
  );
}
