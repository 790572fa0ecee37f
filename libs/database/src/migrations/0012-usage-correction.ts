import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people have said of single usages (rule U7): set aside, or taken back. The usages themselves stay. */
export class UsageCorrection1763800000012 implements MigrationInterface {
  name = 'UsageCorrection1763800000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- One decision of a person about one or many usages of a device. Flag 32 of a usage says what the newest came to.
      create table usage_correction (
        id bigint generated always as identity primary key,
        device_id uuid not null references device,
        decided text not null check (decided in ('set_aside','taken_back')),
        reason text not null check (length(reason) between 1 and 500),
        decided_by uuid not null references user_account,
        decided_at timestamptz not null default now()
      );
      create index usage_correction_device on usage_correction (device_id, id desc);
      create trigger usage_correction_append_only before update or delete or truncate on usage_correction
        for each statement execute function refuse_change();

      -- Which usages a decision changed. It tells when a device was used, so it goes when the usage does (rule K1).
      create table corrected_usage (
        correction_id bigint not null references usage_correction,
        device_key integer not null,
        at timestamptz not null,
        message_key integer not null,
        primary key (device_key, at, message_key, correction_id)
      );
      create index corrected_usage_correction on corrected_usage (correction_id);
      create index corrected_usage_at on corrected_usage (at);
      create trigger corrected_usage_unchanged before update on corrected_usage
        for each statement execute function refuse_change();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
