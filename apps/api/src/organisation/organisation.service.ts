import { randomUUID } from 'node:crypto';
import type { NodeView, organisationApi, RequestOf } from '#contracts';
import { OrgNodeEntity } from '#database';
import {
  assertChildKind,
  assertMayClose,
  assertValidity,
  assertWithinParent,
  dayBounds,
  DEFAULT_TIME_ZONE,
  isValidOn,
} from '#domain';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { audit } from '../audit/audit.js';
import { scoped } from '../scope/scoped.js';
import type { Scope } from '../scope/scope.js';
import { ancestorsOf, nodesInSight, useAfter } from './organisation.queries.js';

type EditScope = Scope<'organisation:edit'>;
type Added = RequestOf<typeof organisationApi.add>['body'];
type Edited = RequestOf<typeof organisationApi.edit>['body'];

@Injectable()
export class OrganisationService {
  constructor(private readonly db: DataSource) {}

  /** Every node in sight, or the tree as of a date (rule D6). */
  async list(scope: Scope<'organisation:read'>, { asOf }: { asOf?: string | undefined }): Promise<NodeView[]> {
    const nodes = await nodesInSight(this.db.manager, scope);
    return nodes.filter((node) => asOf === undefined || isValidOn(node, asOf)).map(nodeView);
  }

  async add(scope: EditScope, given: Added): Promise<NodeView> {
    return this.db.transaction(async (tx) => {
      const parent = await scoped(tx, OrgNodeEntity, scope).lock(given.parentId);
      assertChildKind(parent.kind, given.kind);
      assertValidity(given.validFrom, given.validTo);
      assertWithinParent(given, parent);
      const id = randomUUID();
      const node = await scoped(tx, OrgNodeEntity, scope).save({
        ...given,
        id,
        rootId: parent.rootId,
        path: [...parent.path, id],
      });
      await audit(tx, scope.person, { ...aboutNode(node), action: 'node.add', changes: { ...given } });
      return nodeView(node);
    });
  }

  async edit(scope: EditScope, id: string, given: Edited): Promise<NodeView> {
    return this.db.transaction(async (tx) => {
      const node = await scoped(tx, OrgNodeEntity, scope).lock(id);
      const changed = {
        name: given.name ?? node.name,
        validTo: given.validTo === undefined ? node.validTo : given.validTo,
      };
      if (changed.validTo !== node.validTo) await checkEnd(tx, scope, { ...node, validTo: changed.validTo });
      const saved = await scoped(tx, OrgNodeEntity, scope).save({ id, ...changed });
      await audit(tx, scope.person, { ...aboutNode(node), action: 'node.edit', changes: { ...given } });
      return nodeView(saved);
    });
  }
}

/** A new end must lie within the parent's, and nothing may go on at the node after it. */
async function checkEnd(tx: EntityManager, scope: EditScope, node: OrgNodeEntity): Promise<void> {
  assertValidity(node.validFrom, node.validTo);
  const { parent, root } = await ancestorsOf(tx, scope, node);
  if (parent) assertWithinParent(node, parent);
  if (node.validTo === null) return;
  const closesAt = new Date(dayBounds(node.validTo, root.timeZone ?? DEFAULT_TIME_ZONE).from);
  const use = await useAfter(tx, scope, { id: node.id, validTo: node.validTo, closesAt });
  assertMayClose({ isRoot: parent === null, ...use });
}

const aboutNode = ({ id, rootId }: OrgNodeEntity) => ({ rootId, subjectKind: 'node', subjectId: id });

const nodeView = (node: OrgNodeEntity): NodeView => ({
  id: node.id,
  rootId: node.rootId,
  parentId: node.parentId,
  kind: node.kind,
  name: node.name,
  path: node.path,
  validFrom: node.validFrom,
  validTo: node.validTo,
  timeZone: node.timeZone,
  demo: node.demo,
});
