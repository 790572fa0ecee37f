import { migrate } from '#database';
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
