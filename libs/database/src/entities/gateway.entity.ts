import type { Ecosystem, MappingRule } from '#domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An MQTT client of another system that speaks for many devices. `publicId` is its MQTT user name. */
@Entity('gateway')
export class GatewayEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column({ type: 'integer', insert: false, update: false }) key!: number;
  @Column('text') publicId!: string;
  @Column('uuid') rootId!: string;
  @Column('uuid') ownerNodeId!: string;
  @Column('text') name!: string;
  @Column('text') ecosystem!: Ecosystem;
  /** What its topics begin with; empty where nothing stands before them. */
  @Column('text', { default: '' }) topicPrefix!: string;
  /** Stamped by the database when the gateway, a credential or a child of it changes. */
  @Column({ type: 'bigint', default: 0, insert: false, update: false }) custodyVersion!: number;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) endedAt!: Date | null;
}

/** A gateway's secret as SHA-256. Two may be valid at once while it is being rotated. */
@Entity('gateway_credential')
export class GatewayCredentialEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') gatewayId!: string;
  @Column('bytea') secretSha256!: Buffer;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}

/** A device that a gateway may speak for, by the name that the other system has for it. */
@Entity('gateway_child')
export class GatewayChildEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') gatewayId!: string;
  @Column('text') externalName!: string;
  @Column('uuid') deviceId!: string;
  @Column('timestamptz', { default: () => 'now()' }) startsAt!: Date;
  @Column('timestamptz', { nullable: true }) endsAt!: Date | null;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
}

/** One version of how a product's devices are understood in the words of an ecosystem; the highest is in force. */
@Entity('product_mapping')
export class ProductMappingEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') productId!: string;
  @Column('text') ecosystem!: Ecosystem;
  @Column('integer') version!: number;
  @Column('jsonb') rules!: MappingRule[];
  /** Stamped by the database. */
  @Column({ type: 'bigint', default: 0, insert: false, update: false }) custodyVersion!: number;
  @Column('uuid', { nullable: true }) changedBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) changedAt!: Date;
}
