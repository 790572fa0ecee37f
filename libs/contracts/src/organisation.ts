import { NODE_KINDS } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, LocalDate, name } from './values.js';

export const NodeView = z
  .object({
    id: Id,
    rootId: Id,
    parentId: Id.nullable(),
    kind: z.enum(NODE_KINDS),
    name: z.string(),
    path: z.array(Id),
    validFrom: LocalDate,
    validTo: LocalDate.nullable(),
    timeZone: z.string().nullable(),
    demo: z.boolean(),
  })
  .meta({ id: 'Node' });
export type NodeView = z.output<typeof NodeView>;

export const AddNode = z
  .object({
    parentId: Id,
    kind: z.enum(NODE_KINDS),
    name: name(120),
    validFrom: LocalDate,
    validTo: LocalDate.nullable().default(null),
  })
  .meta({ id: 'AddNode' });

export const EditNode = z
  .object({ name: name(120), validTo: LocalDate.nullable() })
  .partial()
  .meta({ id: 'EditNode' });

export const organisationApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/organisation/nodes',
    access: 'organisation:read',
    summary: 'The nodes in your scope and the ancestors that lead to them',
    query: z.object({ asOf: LocalDate.optional() }),
    response: z.array(NodeView),
  }),
  add: endpoint({
    method: 'POST',
    path: '/api/organisation/nodes',
    access: 'organisation:edit',
    summary: 'Add a node below one in your scope',
    body: AddNode,
    response: NodeView,
  }),
  edit: endpoint({
    method: 'PATCH',
    path: '/api/organisation/nodes/:id',
    access: 'organisation:edit',
    summary: 'Rename a node or close it from a date',
    params: ById,
    body: EditNode,
    response: NodeView,
  }),
};
