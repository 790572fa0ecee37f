import type { MappingRuleMessage, MappingView } from '#contracts';
import { DeviceEntity, GatewayEntity, ProductMappingEntity, UserAccountEntity } from '#database';
import type { Ecosystem } from '#domain';
import type { EntityManager } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { scoped } from '../../scope/scoped.js';
import { MAY_READ_PAYLOAD } from '../rejects/rejects.queries.js';
import type { GivenMessage } from './preview.js';

/** Of each ecosystem, so that one that is edited often hides nothing of a quiet one. */
const VERSIONS_SHOWN = 200;
const NEWEST_OF_EACH = `row.id in (select ranked.id from (
  select m.id, row_number() over (partition by m.ecosystem order by m.version desc) as place
  from product_mapping m where m.product_id = :productId) ranked where ranked.place <= :limit)`;

/** The newest versions of a product's mappings, `limit` of each ecosystem, newest first; of one ecosystem where it is named. */
export async function listMappings(
  tx: EntityManager,
  scope: Scope,
  { productId, ecosystem, limit = VERSIONS_SHOWN }: { productId: string; ecosystem?: Ecosystem; limit?: number },
): Promise<MappingView[]> {
  const query = scoped(tx, ProductMappingEntity, scope)
    .query()
    .leftJoin(UserAccountEntity, 'person', 'person.id = row.changed_by')
    .andWhere('row.product_id = :productId', { productId })
    .andWhere(NEWEST_OF_EACH, { limit })
    .select('row.ecosystem', 'ecosystem')
    .addSelect('row.version', 'version')
    .addSelect('row.rules', 'rules')
    .addSelect('person.name', 'changed_by_name')
    .addSelect('row.changed_at', 'changed_at')
    .orderBy('row.changed_at', 'DESC')
    .addOrderBy('row.version', 'DESC');
  if (ecosystem !== undefined) query.andWhere('row.ecosystem = :ecosystem', { ecosystem });
  return (await query.getRawMany<MappingRow>()).map(view);
}

interface MappingRow {
  ecosystem: Ecosystem;
  version: number;
  rules: MappingRuleMessage[];
  changed_by_name: string | null;
  changed_at: Date;
}

const view = (row: MappingRow): MappingView => ({
  ecosystem: row.ecosystem,
  version: row.version,
  rules: row.rules,
  changedByName: row.changed_by_name,
  changedAt: row.changed_at.toISOString(),
});

const MESSAGES_SHOWN = 20;

/**
 * The last messages of the product's devices that could not be taken, oldest first. Who may edit a product's mapping is
 * a technician there, and may read payloads (rule K3); a payload that was cut short is left out.
 */
export async function lastRejected(tx: EntityManager, scope: Scope, productId: string): Promise<GivenMessage[]> {
  const devices = scoped(tx, DeviceEntity, scope)
    .query()
    .andWhere('row.product_id = :productId', { productId })
    .select('row.key');
  const rows = await tx
    .createQueryBuilder()
    .select('reject.received_at', 'receivedAt')
    .addSelect('reject.topic', 'topic')
    .addSelect('reject.payload', 'payload')
    .from('rejected_message', 'reject')
    .innerJoin('device', 'device', 'device.key = reject.device_key')
    .where(`reject.device_key in (${devices.getQuery()}) and ${MAY_READ_PAYLOAD}`)
    .andWhere('reject.payload is not null and length(reject.payload) = reject.payload_bytes')
    .setParameters({ ...devices.getParameters(), payloadNodes: scope.nodeIds })
    .orderBy('reject.received_at', 'DESC')
    .addOrderBy('reject.id', 'DESC')
    .limit(MESSAGES_SHOWN)
    .getRawMany<Omit<GivenMessage, 'isSample'>>();
  return rows.reverse().map((row) => ({ ...row, isSample: false }));
}

/** The topic prefixes that the scope's gateways of an ecosystem have. */
export async function prefixesOf(tx: EntityManager, scope: Scope, ecosystem: Ecosystem): Promise<string[]> {
  const gateways = await scoped(tx, GatewayEntity, scope).find({ ecosystem });
  return [...new Set(gateways.map(({ topicPrefix }) => topicPrefix))];
}
