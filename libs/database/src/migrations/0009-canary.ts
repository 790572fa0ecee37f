import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Devices that the product keeps itself, to see that a usage comes through; and since when a clock's skew is known. */
export class Canary1763800000009 implements MigrationInterface {
  name = 'Canary1763800000009';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- An ordinary device to ingest; lists, pages and counts leave it out.
      alter table device add column is_canary boolean not null default false;
      -- One municipality has one canary, however many processes start at once.
      create unique index device_canary on device (root_id) where is_canary and lifecycle <> 'retired';

      -- When clock_skew_ms was measured: a clock that was wrong last month says little of today.
      alter table device_signal add column clock_skew_at timestamptz;
      update device_signal set clock_skew_at = last_received_at where clock_skew_ms is not null;
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
