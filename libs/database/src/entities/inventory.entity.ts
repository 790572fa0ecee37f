import type { Arm, DeviceLifecycle, FamilyCode, InterfaceOpenness, MdrClass, Purpose } from '#domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A model that a supplier sells, known to the whole municipality. Prices in öre without VAT. */
@Entity('product')
export class ProductEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  @Column('text') family!: FamilyCode;
  @Column('text') supplier!: string;
  @Column('text') model!: string;
  @Column('bigint', { default: 0 }) priceOnceOre!: number;
  @Column('bigint', { default: 0 }) priceMonthOre!: number;
  @Column('text', { default: 'none' }) mdrClass!: MdrClass;
  @Column('boolean', { default: false }) ceMarked!: boolean;
  @Column('text', { default: '' }) intendedPurpose!: string;
  @Column('text', { default: 'unknown' }) interfaceOpenness!: InterfaceOpenness;
  @Column('text', { default: '' }) contractReference!: string;
  @Column('integer', { nullable: true }) licenceCount!: number | null;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** One physical thing. `publicId` is its MQTT user name; `key` is its small name in the usage tables. */
@Entity('device')
export class DeviceEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column({ type: 'integer', insert: false, update: false }) key!: number;
  @Column('text') publicId!: string;
  @Column('uuid') rootId!: string;
  @Column('uuid') ownerNodeId!: string;
  @Column('uuid') productId!: string;
  @Column('text') assetTag!: string;
  @Column('text', { nullable: true }) serial!: string | null;
  @Column('text') lifecycle!: DeviceLifecycle;
  @Column('boolean', { default: false }) simulated!: boolean;
  /** Kept by the product itself, to see that a usage comes through: left out of lists, pages and counts. */
  @Column('boolean', { default: false }) isCanary!: boolean;
  @Column('integer', { nullable: true }) expectedIntervalSeconds!: number | null;
  /** Stamped by the database when the device, a credential or a placement of it changes. */
  @Column({ type: 'bigint', default: 0, insert: false, update: false }) custodyVersion!: number;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** A device's secret as SHA-256. Two may be valid at once while it is being rotated. */
@Entity('device_credential')
export class DeviceCredentialEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') deviceId!: string;
  @Column('bytea') secretSha256!: Buffer;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) expiresAt!: Date | null;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
}

/** A custody interval [startsAt, endsAt): where the device is and for what. A device's intervals never overlap. */
@Entity('placement')
export class PlacementEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column({ type: 'integer', insert: false, update: false }) key!: number;
  @Column('uuid') rootId!: string;
  @Column('uuid') deviceId!: string;
  @Column('uuid') nodeId!: string;
  @Column('uuid', { nullable: true }) trialId!: string | null;
  @Column('text') purpose!: Purpose;
  @Column('text', { nullable: true }) arm!: Arm | null;
  /** Placements chained by a swap share a series (rule U10). */
  @Column('uuid') seriesId!: string;
  @Column('timestamptz') startsAt!: Date;
  @Column('timestamptz', { nullable: true }) endsAt!: Date | null;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}
