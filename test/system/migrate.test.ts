import { dataSourceOptions, migrate, MIGRATIONS } from '#database';
import { DataSource } from 'typeorm';
import type pg from 'pg';
import { expect, inject, test } from 'vitest';
import { urlOf, withClient } from '../support/connection.js';

/** A database of a locale of its own, empty; gone at the end. */
async function withDatabase(locale: string, work: (url: string) => Promise<void>): Promise<void> {
  const { adminUrl, prefix } = inject('postgres');
  const name = `${prefix}locale`;
  await withClient(adminUrl, (admin) => admin.query(`create database ${name} template template0 ${locale}`));
  try {
    await work(urlOf(name, adminUrl));
  } finally {
    await withClient(adminUrl, (admin) => admin.query(`drop database ${name} with (force)`));
  }
}

test('a database that does not know å, ä and ö is refused before anything is written, with the mend', async () => {
  await withDatabase(`locale_provider libc locale 'C'`, async (url) => {
    await expect(migrate(url)).rejects.toThrow(/locale 'C.UTF-8'/);
    const { rows } = await withClient(url, (client) => client.query(`select to_regclass('org_node') as made`));
    expect(rows).toEqual([{ made: null }]);
  });
});

test('migrating a second time, and by two processes at once, changes nothing', async () => {
  await withDatabase(`locale_provider builtin builtin_locale 'C.UTF-8'`, async (url) => {
    await Promise.all([migrate(url), migrate(url)]);
    await migrate(url);
    const { rows } = await withClient(url, (client) => client.query('select count(*)::int as nodes from org_node'));
    expect(rows).toEqual([{ nodes: 0 }]);
  });
});

/** Brings a database up to the migration before one. */
async function migrateBefore(url: string, name: string): Promise<void> {
  const migrations = MIGRATIONS.slice(
    0,
    MIGRATIONS.findIndex((one) => one.name === name),
  );
  const source = await new DataSource({ ...dataSourceOptions(url, 1), migrations }).initialize();
  await source.runMigrations();
  await source.destroy();
}

test('hours, days and months that were there before they became narrow are there after it', async () => {
  await withDatabase(`locale_provider builtin builtin_locale 'C.UTF-8'`, async (url) => {
    await migrateBefore(url, 'NarrowHours1763800000015');
    const stored = await withClient(url, async (client) => {
      await client.query(`
        insert into usage_hour values ('2026-03-01 10:00Z', 7, 0, 1, 2, 'success|staff', 3, 4.5, '2026-03-01 10:01Z', 1, '2026-03-01 10:59Z', 2);
        insert into usage_day values (9, '2026-03-01', 1, 'x', 3, 1, 2, 4.5, '2026-03-01 10:01Z', 1, '2026-03-01 10:59Z', 2);
        insert into usage_month values (9, '2026-03-01', 2, '', 30, 0, 0, 45);`);
      return rollUps(client);
    });
    await migrate(url);
    expect(await withClient(url, rollUps)).toEqual(stored);
    expect(stored.map((rows) => rows.length)).toEqual([1, 1, 1]);
  });
});

async function rollUps(client: pg.Client): Promise<object[][]> {
  const figures = 'metric, dimensions, count, sum, last_at';
  const statements = [
    `select hour, device_key, placement_key, shard, ${figures} from usage_hour`,
    `select placement_key, day, resets, flagged, ${figures} from usage_day`,
    `select placement_key, month, resets, flagged, ${figures} from usage_month`,
  ];
  const read: object[][] = [];
  for (const sql of statements) read.push((await client.query<object>(sql)).rows);
  return read;
}

test('signs of life that were there by the hour are there by the day after it', async () => {
  await withDatabase(`locale_provider builtin builtin_locale 'C.UTF-8'`, async (url) => {
    await migrateBefore(url, 'LifeByDay1763800000016');
    const hours = ['2026-03-28T23:00:00.000Z', '2026-03-29T00:00:00.000Z', '2026-03-29T23:00:00.000Z'];
    const store = 'insert into device_life select 7, unnest($1::timestamptz[])';
    await withClient(url, (client) => client.query(store, [hours]));
    await migrate(url);
    const read = async (since: string, until: string): Promise<string[]> => {
      const sql = 'select hour from life_hours(7, $1, $2) order by 1';
      const { rows } = await withClient(url, (client) => client.query<{ hour: Date }>(sql, [since, until]));
      return rows.map(({ hour }) => hour.toISOString());
    };
    expect(await read('-infinity', 'infinity')).toEqual(hours);
    expect(await read('2026-03-28T23:00:01Z', '2026-03-29T23:00:00Z')).toEqual([hours[1]]);
    expect(await read('2026-03-29T00:00:00Z', '2026-03-29T23:00:01Z')).toEqual(hours.slice(1));
    expect(await read('2026-03-30T00:00:00Z', '2026-03-29T00:00:00Z')).toEqual([]);
  });
});
