import type { NotificationKind, Severity } from '#domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One trouble, open until `closedAt`; at most one of a kind and key is open. Without a node it concerns the installation. */
@Entity('notification')
export class NotificationEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { nullable: true }) rootId!: string | null;
  @Column('uuid', { nullable: true }) nodeId!: string | null;
  @Column('uuid', { nullable: true }) trialId!: string | null;
  @Column('text') kind!: NotificationKind;
  @Column('text') severity!: Severity;
  @Column('text', { nullable: true }) subjectKind!: string | null;
  @Column('text', { nullable: true }) subjectId!: string | null;
  /** The page that it leads to, below the product's own address. */
  @Column('text') link!: string;
  @Column('jsonb', { default: {} }) data!: Record<string, unknown>;
  @Column('text') dedupeKey!: string;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { nullable: true }) closedAt!: Date | null;
}

/** That a person is told: in the pages, and by mail when there is a due time that no `mailedAt` follows. */
@Entity('notification_recipient')
export class NotificationRecipientEntity {
  @PrimaryColumn('uuid') userId!: string;
  @PrimaryColumn('uuid') notificationId!: string;
  @Column('boolean') inApp!: boolean;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz', { nullable: true }) readAt!: Date | null;
  @Column('timestamptz', { nullable: true }) mailDueAt!: Date | null;
  @Column('timestamptz', { nullable: true }) mailedAt!: Date | null;
}

/** How a person wants to be told. Hours are local and whole; a kind that is absent has its defaults. */
@Entity('notification_preference')
export class NotificationPreferenceEntity {
  @PrimaryColumn('uuid') userId!: string;
  @Column('smallint', { nullable: true }) quietFrom!: number | null;
  @Column('smallint', { nullable: true }) quietTo!: number | null;
  @Column('smallint', { nullable: true }) digestHour!: number | null;
  @Column('boolean', { default: false }) criticalAtOnce!: boolean;
  @Column('jsonb', { default: {} }) channels!: Partial<Record<NotificationKind, { app: boolean; email: boolean }>>;
}
