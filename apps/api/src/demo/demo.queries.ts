import { DeviceEntity, OrgNodeEntity, PlacementEntity, ProductEntity } from '#database';
import type { FamilyCode } from '#domain';
import type { EntityManager } from 'typeorm';

/** Any number: two processes that start at once seed the demo one after the other. */
const DEMO_LOCK = 7_428_331;

/** Shuts out others who seed or remove the demo until the transaction ends. */
export async function lockDemo(tx: EntityManager): Promise<void> {
  await tx.query(/* sql */ `select pg_advisory_xact_lock($1)`, [DEMO_LOCK]);
}

/** The demo's municipality, null where there is none. */
export function findDemoRoot(tx: EntityManager): Promise<OrgNodeEntity | null> {
  return tx.findOneBy(OrgNodeEntity, { kind: 'municipality', demo: true });
}

/** A device of the demo that the simulator plays. */
export interface PlayedDevice {
  id: string;
  publicId: string;
  family: FamilyCode;
  since: Date;
}

/** The simulated devices of the demo that stand somewhere, in the order in which they were registered. */
export function playedDevices(tx: EntityManager, rootId: string): Promise<PlayedDevice[]> {
  return tx
    .createQueryBuilder(DeviceEntity, 'device')
    .innerJoin(PlacementEntity, 'placement', 'placement.device_id = device.id and placement.ends_at is null')
    .innerJoin(ProductEntity, 'product', 'product.id = device.product_id')
    .where('device.root_id = :rootId and device.simulated', { rootId })
    .orderBy('device.key')
    .select('device.id', 'id')
    .addSelect('device.public_id', 'publicId')
    .addSelect('product.family', 'family')
    .addSelect('placement.starts_at', 'since')
    .getRawMany<PlayedDevice>();
}

const DEVICES = `(select key from device where root_id = $1)`;
const PLACEMENTS = `(select key from placement where root_id = $1)`;
const TRIALS = `(select id from trial where root_id = $1)`;
const LINES = `(select id from benefit_line where trial_id in ${TRIALS})`;
const GATEWAYS = `(select id from gateway where root_id = $1)`;
const GATEWAY_KEYS = `(select key from gateway where root_id = $1)`;
const PEOPLE = `(select id from user_account where root_id = $1)`;

/** Rows that are only ever added: they go with the demo, and with nothing else. */
const APPEND_ONLY = [
  'counter_correction',
  'measurement_rule',
  'product_mapping',
  'realisation_confirmation',
  'trial_stage_change',
  'usage_correction',
] as const;

/** What names others goes before what is named. */
const DELETIONS = [
  `delete from qualifying_day where placement_key in ${PLACEMENTS}`,
  `delete from dirty_day where placement_key in ${PLACEMENTS}`,
  `delete from usage where device_key in ${DEVICES}`,
  `delete from usage_held where device_key in ${DEVICES}`,
  `delete from usage_held_week where placement_key in ${PLACEMENTS}`,
  `delete from usage_day where placement_key in ${PLACEMENTS}`,
  `delete from usage_month where placement_key in ${PLACEMENTS}`,
  `delete from unit_month where node_id in (select id from org_node where root_id = $1)`,
  `delete from thinned_month where root_id = $1`,
  `delete from counter_hour where device_key in ${DEVICES}`,
  `delete from counter_flag where device_key in ${DEVICES}`,
  `delete from counter_correction where device_id in (select id from device where root_id = $1)`,
  `delete from corrected_usage where device_key in ${DEVICES}`,
  `delete from usage_correction where device_id in (select id from device where root_id = $1)`,
  `delete from usage_ledger where device_key in ${DEVICES}`,
  `delete from usage_hour where device_key in ${DEVICES}`,
  `delete from device_life where device_key in ${DEVICES}`,
  `delete from device_signal where device_key in ${DEVICES}`,
  `delete from usage_inbox where device_key in ${DEVICES}`,
  `delete from usage_entry where root_id = $1`,
  `delete from usage_import where root_id = $1`,
  `delete from rejected_message where device_key in ${DEVICES}`,
  `delete from rejected_count where device_key in ${DEVICES}`,
  `delete from realisation_confirmation where benefit_line_id in ${LINES}`,
  `delete from measurement_rule where benefit_line_id in ${LINES}`,
  `delete from benefit_line where trial_id in ${TRIALS}`,
  `delete from cost_line where trial_id in ${TRIALS}`,
  `delete from trial_goal where trial_id in ${TRIALS}`,
  `delete from trial_node where trial_id in ${TRIALS}`,
  `delete from trial_stage_change where trial_id in ${TRIALS}`,
  `delete from mapping_memory where device_key in ${DEVICES}`,
  `delete from adapter_session where login_key in ${DEVICES} or -login_key in ${GATEWAY_KEYS}`,
  `delete from gateway_heard where gateway_key in ${GATEWAY_KEYS}`,
  `delete from gateway_signal where gateway_key in ${GATEWAY_KEYS}`,
  `delete from gateway_child where gateway_id in ${GATEWAYS}`,
  `delete from gateway_credential where gateway_id in ${GATEWAYS}`,
  `delete from gateway where root_id = $1`,
  `delete from placement where root_id = $1`,
  `delete from device_credential where device_id in (select id from device where root_id = $1)`,
  `delete from device where root_id = $1`,
  `delete from role_grant where user_id in ${PEOPLE}`,
  `delete from web_session where user_id in ${PEOPLE}`,
  `delete from one_time_link where user_id in ${PEOPLE} or created_by in ${PEOPLE}`,
  `delete from trial where root_id = $1`,
  `delete from trial_number where root_id = $1`,
  `delete from product_mapping where product_id in (select id from product where root_id = $1)`,
  `delete from product where root_id = $1`,
  `delete from user_account where root_id = $1`,
  `delete from org_node where root_id = $1`,
];

/** Deletes every row of a demo's municipality; the log keeps what was done (it refuses to forget). */
export async function deleteDemoRows(tx: EntityManager, root: OrgNodeEntity): Promise<void> {
  if (!root.demo) throw new Error(`${root.name} is no demo.`);
  for (const table of APPEND_ONLY) await tx.query(`alter table ${table} disable trigger ${table}_append_only`);
  for (const deletion of DELETIONS) await tx.query(deletion, [root.id]);
  for (const table of APPEND_ONLY) await tx.query(`alter table ${table} enable trigger ${table}_append_only`);
}
