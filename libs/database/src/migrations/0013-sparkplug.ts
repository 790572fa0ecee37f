import type { MigrationInterface, QueryRunner } from 'typeorm';

const ECOSYSTEMS = `('thingsboard','chirpstack','zigbee2mqtt','homeassistant','homie','sparkplug')`;

/** Sparkplug B among the other systems, and what is remembered of its edge nodes' sessions. */
export class Sparkplug1763800000013 implements MigrationInterface {
  name = 'Sparkplug1763800000013';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table gateway drop constraint gateway_ecosystem_check,
        add constraint gateway_ecosystem_check check (ecosystem in ${ECOSYSTEMS});
      alter table product_mapping drop constraint product_mapping_ecosystem_check,
        add constraint product_mapping_ecosystem_check check (ecosystem in ${ECOSYSTEMS});

      -- What must be known of a sender's session to read its next message (names behind aliases, no values), and what
      -- its own count of messages has shown to be missing. A gateway's key is negative here, a device's is not.
      create table adapter_session (
        login_key integer not null,
        sender text not null check (length(sender) between 1 and 120),
        session jsonb not null,
        gaps bigint not null default 0,
        last_gap_at timestamptz,
        last_gap text,
        written_at timestamptz not null default now(),
        primary key (login_key, sender)
      ) with (fillfactor = 70);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
