import type { JobHandler } from '../../jobs/job.js';
import { composeMail } from './compose-mail.js';
import { addresseeOf, dueMails, lockMailsOf, noteMailed } from './mail.queries.js';
import { Mailer } from './mailer.service.js';

/**
 * Mails a person all that is due in one mail: at the end of quiet hours and in a digest that is many. What was read or is
 * over by then is left out. Sent and noted under one lock: two processes never send it twice. A process that dies after
 * the server took the mail and before the note is committed leaves it to be sent again, with the same Message-ID.
 */
export const mailDue: JobHandler<'notifications.mail'> = async ({ userId, dueAt }, { db, now, get, signal }) => {
  const mailer = get(Mailer);
  if (!mailer.isPossible) return; // it was when this was raised; the pages tell it all the same
  await db.transaction(async (tx) => {
    await lockMailsOf(tx, userId);
    const at = now();
    const to = await addresseeOf(tx, userId);
    const due = await dueMails(tx, userId, new Date(Math.max(at.getTime(), Date.parse(dueAt))));
    const [needless, wanted] = [due.filter((one) => !to || one.isNeedless), due.filter((one) => to && !one.isNeedless)];
    if (to && wanted.length > 0)
      await mailer.send(
        composeMail(to, wanted, (path) => mailer.addressOf(path)),
        signal,
      );
    await noteMailed(tx, userId, { sent: wanted.map(({ id }) => id), needless: needless.map(({ id }) => id), at });
  });
};
