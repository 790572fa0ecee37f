import type { ImportStatus, InboxOutcome } from '#domain';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A usage that a person entered by hand: who said so, and why. */
@Entity('usage_entry')
export class UsageEntryEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  @Column('uuid') deviceId!: string;
  /** Made by the form, so that one that is sent twice enters each usage once. */
  @Column('text') key!: string;
  @Column('text') metric!: string;
  @Column('timestamptz') at!: Date;
  @Column('timestamptz', { nullable: true }) until!: Date | null;
  @Column('double precision', { nullable: true }) value!: number | null;
  @Column('jsonb', { default: {} }) attributes!: Record<string, string | number | boolean>;
  @Column('text') reason!: string;
  @Column('uuid') enteredBy!: string;
  @Column('timestamptz', { default: () => 'now()' }) enteredAt!: Date;
  @Column('text', { default: 'waiting' }) outcome!: InboxOutcome;
  /** Why ingest refused it. */
  @Column('text', { nullable: true }) refusal!: string | null;
}

/** A file of usages. Its lines stand in `usage_import_line`, which has no entity. */
@Entity('usage_import')
export class UsageImportEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  /** The node whose devices the file may name. */
  @Column('uuid') nodeId!: string;
  @Column('text') fileName!: string;
  @Column('bytea', { nullable: true }) sha256!: Buffer | null;
  @Column('integer', { default: 0 }) bytes!: number;
  @Column('text', { default: 'reading' }) status!: ImportStatus;
  @Column('integer', { default: 0 }) lines!: number;
  @Column('integer', { default: 0 }) good!: number;
  @Column('integer', { default: 0 }) bad!: number;
  /** Good lines that say the same as one before them in the file: counted once (rule U1). */
  @Column('integer', { default: 0 }) repeated!: number;
  /** Why the file as a whole could not be read to its end. */
  @Column('text', { nullable: true }) fault!: string | null;
  /** Columns that no family declares: not read. */
  @Column('text', { array: true, default: [] }) ignoredColumns!: string[];
  @Column('integer', { default: 0 }) nextLine!: number;
  /** What ingest has said of the lines sent so far. */
  @Column('integer', { default: 0 }) taken!: number;
  @Column('integer', { default: 0 }) refused!: number;
  @Column('text') reason!: string;
  @Column('uuid') uploadedBy!: string;
  @Column('timestamptz', { default: () => 'now()' }) uploadedAt!: Date;
  @Column('uuid', { nullable: true }) sentBy!: string | null;
  @Column('timestamptz', { nullable: true }) sentAt!: Date | null;
}
