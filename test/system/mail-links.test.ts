import { identityApi, usersApi } from '#contracts';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readConfig } from '../../apps/api/src/config.js';
import { startApi, type TestApi } from '../support/api.js';
import * as build from '../support/builders.js';
import { startSmtp, type TestSmtp } from '../support/smtp.js';

const SOON = { timeout: 18_000, interval: 100 };
const PUBLIC_URL = 'https://nyttospar.example.se';

let smtp: TestSmtp;
let api: TestApi;
beforeAll(async () => {
  smtp = await startSmtp();
  const mail = { SMTP_URL: smtp.url, MAIL_FROM: 'spar@kommunen.example.se', PUBLIC_URL };
  api = await startApi({ ...mail, JOBS: 'queue' });
});
afterAll(async () => {
  await api.close();
  await smtp.close();
});
afterEach(() => smtp.behave('take'));

const mailsTo = ({ email }: { email: string }) => smtp.mails.filter(({ to }) => to.includes(email));
const mailTo = async (person: { email: string }, count = 1) => {
  await vi.waitFor(() => expect(mailsTo(person)).toHaveLength(count), SOON);
  return mailsTo(person)[count - 1]!;
};
let last = 0;

describe('a link to one’s password', () => {
  const { grant, ...invitation } = { name: 'Ny', grant: { role: 'staff' as const } };
  const linkIn = (text: string): string => new RegExp(`${PUBLIC_URL}/link/([\\w-]+)`).exec(text)?.[1] ?? '';

  async function administrator() {
    const root = await build.municipality(api, { name: 'Exempelby' });
    const unit = await build.node(api, root);
    const technician = await build.user(api, { role: 'technician', node: unit });
    return { root, unit, technician, admin: await build.user(api, { role: 'admin', node: root }) };
  }

  test('rule P5: is mailed to the invited person alone; no administrator sees it', async () => {
    const { unit, admin } = await administrator();
    const email = `inbjuden${(last += 1)}@example.se`;
    const body = { ...invitation, email, grant: { ...grant, nodeId: unit.id } };
    const answer = await api.as(admin).call(usersApi.invite, { body });
    expect(answer.link).toBeNull();
    const { text, headers } = await mailTo({ email });
    expect(headers['subject']).toBe('Välkommen till Nyttospår');
    expect(text).toContain('Exempelby');
    const token = linkIn(text);
    const view = await api.call(identityApi.link, { params: { token } });
    expect(view).toMatchObject({ kind: 'invitation', email, expiresAt: answer.expiresAt });
    await api.call(identityApi.acceptInvitation, { params: { token }, body: { password: build.PASSWORD } });
    const stored: { all: string }[] = await api.db.query(
      `select (select coalesce(string_agg(l::text, ''), '') from one_time_link l) || (select coalesce(string_agg(j::text, ''), '') from graphile_worker._private_jobs j) as all`,
    );
    expect(stored[0]?.all).not.toContain(token);
  });

  test('for a new password ends the one before, and is good for the account that asked', async () => {
    const { technician, admin } = await administrator();
    for (let count = 1; count <= 2; count++) {
      await api.as(admin).call(usersApi.giveLink, { params: { id: technician.id } });
      await mailTo(technician, count);
    }
    const [first, second] = mailsTo(technician).map(({ text }) => linkIn(text));
    expect((await api.raw(identityApi.link, { params: { token: first } })).status).toBe(404);
    expect(await api.call(identityApi.link, { params: { token: second ?? '' } })).toMatchObject({
      kind: 'password_reset',
    });
  });

  test('is not mailed once the account is closed', async () => {
    const { technician, admin } = await administrator();
    smtp.behave('refuse');
    const before = smtp.offered;
    await api.as(admin).call(usersApi.giveLink, { params: { id: technician.id } });
    await vi.waitFor(() => expect(smtp.offered).toBeGreaterThan(before), SOON);
    await api.as(admin).call(usersApi.disable, { params: { id: technician.id } });
    smtp.behave('take');
    const left = (): Promise<unknown[]> =>
      api.db.query(`select from graphile_worker.jobs where key = $1`, [`link/${technician.id}`]);
    await vi.waitFor(async () => expect(await left()).toHaveLength(0), SOON);
    const links: unknown[] = await api.db.query(`select from one_time_link where user_id = $1`, [technician.id]);
    expect([links.length, mailsTo(technician).length]).toEqual([0, 0]);
  });

  test('is shown in a demo, whose people have no mailbox', async () => {
    const { root, technician, admin } = await administrator();
    await api.db.query(`update org_node set demo = true where id = $1`, [root.id]);
    const { link } = await api.as(admin).call(usersApi.giveLink, { params: { id: technician.id } });
    expect(link).toContain(`${PUBLIC_URL}/link/`);
  });
});

describe('settings for mail', () => {
  const read = (given: Record<string, string>) => () =>
    readConfig({ DATABASE_URL: 'postgres://a@127.0.0.1/b', ...given });
  const whole = { SMTP_URL: 'smtps://u:p@mail.example.se', MAIL_FROM: 'spar@example.se', PUBLIC_URL };

  test('are whole, or absent, as an empty variable is', () => {
    expect(read(whole)().mail).toEqual({ smtpUrl: whole.SMTP_URL, from: whole.MAIL_FROM });
    expect(read({ SMTP_URL: '', MAIL_FROM: '', PUBLIC_URL: '' })().mail).toBeNull();
  });

  test.each([
    ['SMTP_URL', { SMTP_URL: 'http://mail.example.se' }],
    ['MAIL_FROM', { MAIL_FROM: 'nobody' }],
    ['MAIL_FROM', { MAIL_FROM: '' }],
    ['PUBLIC_URL', { PUBLIC_URL: '' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'javascript:alert(1)' }],
  ])('are refused by the name of %s: %j', (name, change) => {
    expect(read({ ...whole, ...change })).toThrow(name);
  });
});
