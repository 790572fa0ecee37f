import {
  AuditEntryEntity,
  BenefitLineEntity,
  CostLineEntity,
  DeviceCredentialEntity,
  DeviceEntity,
  GatewayChildEntity,
  GatewayCredentialEntity,
  GatewayEntity,
  MeasurementRuleEntity,
  OrgNodeEntity,
  PlacementEntity,
  ProductEntity,
  ProductMappingEntity,
  RealisationConfirmationEntity,
  RoleGrantEntity,
  TrialEntity,
  TrialGoalEntity,
  TrialNodeEntity,
  TrialStageChangeEntity,
  UsageEntryEntity,
  UsageImportEntity,
  UserAccountEntity,
} from '#database';
import type { Permission } from '#domain';
import type { EntityTarget, ObjectLiteral } from 'typeorm';

/** SQL conditions over the alias `row` and the parameters :nodes and :trials (uuid[]) of a scope. */
export interface Reach {
  read: string;
  /** Narrower than read where another's row may be seen but not changed. */
  edit: string;
  /** The permissions that are held to `edit`; every other one reads. */
  editedBy: readonly Permission[];
  /**
   * The rows of the municipalities among :nodes, where these are all of the rows that can be reached from there: nothing
   * of another municipality stands, is tried or takes part in one's own. Spares a look at every node and placement.
   */
  whole?: string;
}

/** Nodes of the scope: the granted ones with their subtrees. */
const NODES = `(select node.id from org_node node where node.path && :nodes::uuid[])`;
const ROOTS = `(select node.root_id from org_node node where node.id = any(:nodes::uuid[]))`;
const TRIALS_READ = `(select t.id from trial t where t.owner_node_id in ${NODES} or t.id = any(:trials::uuid[])
  or exists (select 1 from trial_node tn where tn.trial_id = t.id and tn.node_id in ${NODES}))`;
const TRIALS_EDIT = `(select t.id from trial t where t.owner_node_id in ${NODES} or t.id = any(:trials::uuid[]))`;
const PLACEMENT = (alias: string): string =>
  `(${alias}.node_id in ${NODES} or ${alias}.trial_id in (select t.id from trial t where t.id = any(:trials::uuid[])))`;
/** As a union, so that a narrow scope finds its few devices by index: an `or` of the same looks at every device. */
const DEVICES_READ = `(select d.id from device d where d.owner_node_id in ${NODES}
  union all select p.device_id from placement p where p.node_id in ${NODES}
  union all select p.device_id from placement p where p.trial_id in (select t.id from trial t where t.id = any(:trials::uuid[])))`;
const DEVICES_EDIT = `(select d.id from device d where d.owner_node_id in ${NODES})`;
/**
 * Rule U8: of which times (tstzmultirange) what a device did is for the scope, one row a device_id: of the scope's own
 * devices always, of others while they stood in it. Joined to many rows it is worked out once.
 */
export const TIMES_IN_SCOPE = `(
  select d.id as device_id, '{(,)}'::tstzmultirange as times from device d where d.owner_node_id in ${NODES}
  union all
  select p.device_id, range_agg(tstzrange(p.starts_at, p.ends_at)) from placement p join device d on d.id = p.device_id
  where ${PLACEMENT('p')} and d.owner_node_id not in ${NODES} group by p.device_id)`;
/** Rule U8: whether what happened to a device (SQL of its id) at an instant is for the scope. */
export const happenedInScope = (device: string, at: string): string =>
  `exists (select 1 from ${TIMES_IN_SCOPE} seen where seen.device_id = ${device} and seen.times @> ${at})`;
/**
 * Rule U8: whether how a device is now is for the scope: of its own devices always, of others while they stand in it. Of
 * the aliases of a device and of its placement valid now, left-joined: as cheap as a column, unlike the times.
 */
export const isNowInScope = (device: string, placement: string): string =>
  `coalesce(${device}.owner_node_id in ${NODES} or ${PLACEMENT(placement)}, false)`;
/** Beside TIMES_IN_SCOPE as `seen`: counts are by the hour, and one in which a device came or left is whole for both. */
export const hourIsSeen = (hour: string): string => `seen.times && tstzrange(${hour}, ${hour} + interval '1 hour')`;
const GATEWAYS = `(select g.id from gateway g where g.owner_node_id in ${NODES})`;
const TRIAL_ROOTS = `(select t.root_id from trial t where t.id = any(:trials::uuid[]))`;

const everywhere = (condition: string): Reach => ({ read: condition, edit: condition, editedBy: [] });
const OWN_MUNICIPALITY = `row.root_id = any(:nodes::uuid[])`;
/** A role on a trial is given from the owner's side: a participating node must not let anybody in. */
const TRIAL_EDITS: readonly Permission[] = ['trial:edit', 'trial:move', 'user:edit'];
/** A unit where a device only stands must not write into what it did elsewhere. */
const DEVICE_EDITS: readonly Permission[] = ['device:edit', 'usage:enter', 'reject:replay'];
const ofTrial = (column: string): Reach => ({
  read: `row.${column} in ${TRIALS_READ}`,
  edit: `row.${column} in ${TRIALS_EDIT}`,
  editedBy: TRIAL_EDITS,
});
const ofLine = (column: string): Reach => ({
  read: `row.${column} in (select l.id from benefit_line l where l.trial_id in ${TRIALS_READ})`,
  edit: `row.${column} in (select l.id from benefit_line l where l.trial_id in ${TRIALS_EDIT})`,
  editedBy: TRIAL_EDITS,
});

/** How each table is reached from a scope. A table that is not here cannot be read through the door at all. */
export const REACH = new Map<EntityTarget<ObjectLiteral>, Reach>([
  [OrgNodeEntity, { ...everywhere(`row.id in ${NODES}`), whole: OWN_MUNICIPALITY }],
  [ProductEntity, everywhere(`(row.root_id in ${ROOTS} or row.root_id in ${TRIAL_ROOTS})`)],
  [
    ProductMappingEntity,
    everywhere(
      `row.product_id in (select p.id from product p where p.root_id in ${ROOTS} or p.root_id in ${TRIAL_ROOTS})`,
    ),
  ],
  [
    DeviceEntity,
    {
      read: `row.id in ${DEVICES_READ}`,
      edit: `row.id in ${DEVICES_EDIT}`,
      editedBy: DEVICE_EDITS,
      whole: OWN_MUNICIPALITY,
    },
  ],
  [DeviceCredentialEntity, everywhere(`row.device_id in ${DEVICES_EDIT}`)],
  [GatewayEntity, everywhere(`row.id in ${GATEWAYS}`)],
  [GatewayCredentialEntity, everywhere(`row.gateway_id in ${GATEWAYS}`)],
  [GatewayChildEntity, everywhere(`row.gateway_id in ${GATEWAYS}`)],
  [
    PlacementEntity,
    {
      ...everywhere(
        `(${PLACEMENT('row')} or exists (select 1 from device d where d.id = row.device_id and d.owner_node_id in ${NODES}))`,
      ),
      whole: OWN_MUNICIPALITY,
    },
  ],
  [TrialEntity, { ...ofTrial('id'), whole: OWN_MUNICIPALITY }],
  [TrialNodeEntity, ofTrial('trial_id')],
  [TrialGoalEntity, ofTrial('trial_id')],
  [TrialStageChangeEntity, ofTrial('trial_id')],
  [CostLineEntity, ofTrial('trial_id')],
  [BenefitLineEntity, ofTrial('trial_id')],
  [MeasurementRuleEntity, ofLine('benefit_line_id')],
  [RealisationConfirmationEntity, ofLine('benefit_line_id')],
  [RoleGrantEntity, everywhere(`(row.node_id in ${NODES} or row.trial_id in ${TRIALS_EDIT})`)],
  [
    UserAccountEntity,
    everywhere(
      `exists (select 1 from role_grant g where g.user_id = row.id and (g.node_id in ${NODES} or g.trial_id in ${TRIALS_EDIT}))`,
    ),
  ],
  [UsageEntryEntity, everywhere(happenedInScope('row.device_id', 'row.at'))],
  [UsageImportEntity, everywhere(`row.node_id in ${NODES}`)],
  [AuditEntryEntity, everywhere(`row.root_id = any(:nodes::uuid[])`)],
]);
