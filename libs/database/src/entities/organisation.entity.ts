import type { NodeKind, Role } from '#domain';
import { Column, Entity, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';

/** A node of a municipality's tree. `path` runs from the root to the node itself; only a root has a time zone. */
@Entity('org_node')
export class OrgNodeEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  @Column('uuid', { nullable: true }) parentId!: string | null;
  @Column('text') kind!: NodeKind;
  @Column('text') name!: string;
  @Column('uuid', { array: true }) path!: string[];
  @Column('date') validFrom!: string;
  @Column('date', { nullable: true }) validTo!: string | null;
  @Column('text', { nullable: true }) timeZone!: string | null;
  @Column('boolean', { default: false }) demo!: boolean;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** A person who can log in. The e-mail address is unique in the installation; the password is an argon2id hash. */
@Entity('user_account')
export class UserAccountEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') rootId!: string;
  @Column('text') email!: string;
  @Column('text') name!: string;
  @Column('text', { nullable: true }) passwordHash!: string | null;
  @Column('text', { default: 'sv' }) locale!: 'sv' | 'en';
  @Column('timestamptz', { nullable: true }) disabledAt!: Date | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** A role held on a node (and its subtree) or on one trial, from–to. */
@Entity('role_grant')
export class RoleGrantEntity {
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') userId!: string;
  @Column('text') role!: Role;
  @Column('uuid', { nullable: true }) nodeId!: string | null;
  @Column('uuid', { nullable: true }) trialId!: string | null;
  @Column('timestamptz') startsAt!: Date;
  @Column('timestamptz', { nullable: true }) endsAt!: Date | null;
  @Column('uuid', { nullable: true }) grantedBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
}

/** A logged-in browser. Only the SHA-256 of the cookie's token is kept. */
@Entity('web_session')
export class WebSessionEntity {
  @PrimaryColumn('bytea') tokenHash!: Buffer;
  @Column('uuid') userId!: string;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz', { default: () => 'now()' }) lastUsedAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('text', { nullable: true }) userAgent!: string | null;
}

/**
 * An invitation (to an account without a password yet), a password reset (of one that has) or the first administrator's
 * link; only the token's hash is kept.
 */
@Entity('one_time_link')
export class OneTimeLinkEntity {
  @PrimaryColumn('bytea') tokenHash!: Buffer;
  @Column('text') kind!: 'first_administrator' | 'invitation' | 'password_reset';
  @Column('uuid', { nullable: true }) userId!: string | null;
  @Column('uuid', { nullable: true }) createdBy!: string | null;
  @Column('timestamptz', { default: () => 'now()' }) createdAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  @Column('timestamptz', { nullable: true }) usedAt!: Date | null;
}

/** A refused log-in, kept to limit the attempts per account and per address. */
@Entity('failed_login')
export class FailedLoginEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('bytea') accountHash!: Buffer;
  @Column('text') address!: string;
  @Column('timestamptz', { default: () => 'now()' }) at!: Date;
}

/** Who did what to what, when and why. The database refuses update and delete. */
@Entity('audit_log')
export class AuditEntryEntity {
  @PrimaryGeneratedColumn('identity', { type: 'bigint', generatedIdentity: 'ALWAYS' }) id!: number;
  @Column('timestamptz', { default: () => 'now()' }) at!: Date;
  @Column('uuid', { nullable: true }) rootId!: string | null;
  @Column('uuid', { nullable: true }) actorId!: string | null;
  @Column('text') actorName!: string;
  @Column('text') action!: string;
  @Column('text') subjectKind!: string;
  @Column('text', { nullable: true }) subjectId!: string | null;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('jsonb', { default: {} }) changes!: Record<string, unknown>;
}
