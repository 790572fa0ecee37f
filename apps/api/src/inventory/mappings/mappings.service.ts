import { randomUUIDv7 } from 'node:crypto';
import type { MappingRuleMessage, MappingView, PreviewedMessage } from '#contracts';
import { ProductEntity, ProductMappingEntity } from '#database';
import { assertMapping, type Ecosystem, FAMILIES } from '#domain';
import { ADAPTERS } from '#telemetry';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../../audit/audit.js';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { sessionsOf } from '../gateways/senders.queries.js';
import { Refused } from '../refused.js';
import { bytesOf } from '../payload-text.js';
import { lastRejected, listMappings, prefixesOf } from './mappings.queries.js';
import { previewMapping } from './preview.js';

/** A product's mapping in one ecosystem. */
interface Of {
  productId: string;
  ecosystem: Ecosystem;
  rules: MappingRuleMessage[];
}

@Injectable()
export class MappingsService {
  constructor(private readonly db: DataSource) {}

  async list(scope: Scope, productId: string): Promise<MappingView[]> {
    await scoped(this.db.manager, ProductEntity, scope).get(productId);
    return listMappings(this.db.manager, scope, { productId });
  }

  edit(scope: Scope, change: Of & { basedOn: number }): Promise<MappingView> {
    return this.db.transaction((tx) => editMapping(tx, scope, change));
  }

  async preview(
    scope: Scope,
    { productId, ecosystem, rules, samples }: Of & { samples: { topic: string; payload: string }[] },
  ): Promise<PreviewedMessage[]> {
    const { manager } = this.db;
    const { family } = await scoped(manager, ProductEntity, scope).get(productId);
    assertMapping(rules, FAMILIES[family]);
    const receivedAt = new Date();
    const pasted = samples.map(({ topic, payload }) => ({
      isSample: true,
      receivedAt,
      topic,
      payload: ADAPTERS[ecosystem].isBinary ? bytesOf(payload) : Buffer.from(payload),
    }));
    const prefixes = await prefixesOf(manager, scope, ecosystem);
    const messages = [...(await lastRejected(manager, scope, productId)), ...pasted];
    const senders = messages.flatMap(({ topic }) => ADAPTERS[ecosystem].sessions?.senderOf(topic) ?? []);
    const sessions = await sessionsOf(manager, scope, { ecosystem, senders });
    return previewMapping(messages, { ecosystem, rules, family: FAMILIES[family], prefixes, sessions });
  }
}

async function editMapping(
  tx: EntityManager,
  scope: Scope,
  { productId, ecosystem, rules, basedOn }: Of & { basedOn: number },
): Promise<MappingView> {
  const product = await scoped(tx, ProductEntity, scope).lock(productId);
  assertMapping(rules, FAMILIES[product.family]);
  const [newest] = await listMappings(tx, scope, { productId, ecosystem, limit: 1 });
  if ((newest?.version ?? 0) !== basedOn) {
    throw new Refused(
      'changed_meanwhile',
      'Somebody else has changed the mapping: reload it and make your change again.',
    );
  }
  const version = basedOn + 1;
  const row = { id: randomUUIDv7(), productId, ecosystem, version, rules, changedBy: scope.person.id };
  await scoped(tx, ProductMappingEntity, scope).save(row);
  await audit(tx, scope.person, {
    rootId: product.rootId,
    action: 'product.map',
    subjectKind: 'product',
    subjectId: productId,
    changes: { ecosystem, version, rules },
  });
  const [view] = await listMappings(tx, scope, { productId, ecosystem, limit: 1 });
  if (!view) throw new Error('The mapping that was just written is not there.');
  return view;
}
