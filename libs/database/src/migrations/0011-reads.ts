import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Indexes by which a page of devices is found without a look at every device. */
export class Reads1763800000011 implements MigrationInterface {
  name = 'Reads1763800000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      -- The list's order, with what it is filtered by: the rows themselves are read for the page alone.
      create index device_list on device (asset_tag collate "sv-SE-x-icu", id)
        include (root_id, product_id, lifecycle, is_canary);
      create index device_product on device (product_id);
      -- Words of a search, from three letters on.
      create index device_words on device using gin ((asset_tag || ' ' || coalesce(serial, '')) gin_trgm_ops);

      -- The devices of a scope's nodes, from the indexes alone.
      drop index device_owner;
      create index device_owner on device (owner_node_id, id);
      drop index placement_node;
      create index placement_node on placement (node_id, device_id);

      -- Where a device stands now; the exclusion constraint's own index takes ten times as long.
      create index placement_device on placement (device_id, starts_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
