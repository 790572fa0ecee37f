import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import type { Config } from '../../config.js';
import { CONFIG } from '../../settings.js';

/** A mail server that says nothing for this long is given up; the mail is tried again. */
const CONNECT_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 20_000;

/** A mail to one person. */
export interface Mail {
  to: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
  /** The same for the same mail, however often it is tried: servers know a repeat by it. */
  messageKey: string;
  headers?: Record<string, string>;
}

/** Hands mail over to the municipality's mail server, when one is set. */
@Injectable()
export class Mailer implements OnApplicationShutdown {
  private readonly transport;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    const { mail } = config;
    this.transport =
      mail &&
      createTransport({
        url: mail.smtpUrl,
        connectionTimeout: CONNECT_WITHIN_MS,
        greetingTimeout: CONNECT_WITHIN_MS,
        socketTimeout: ANSWER_WITHIN_MS,
        disableFileAccess: true,
        disableUrlAccess: true,
      });
  }

  /** Whether mail can be sent at all. */
  get isPossible(): boolean {
    return this.transport !== null;
  }

  /** The address of a page, for links in mails. */
  addressOf(path: string): string {
    return this.config.publicUrl.replace(/\/$/, '') + path;
  }

  /** Resolves when the server has taken the mail; throws when it could not be reached, refused it, or `signal` fires. */
  async send({ to, messageKey, ...mail }: Mail, signal: AbortSignal): Promise<void> {
    if (!this.transport || !this.config.mail) throw new Error('No mail can be sent: SMTP_URL is not set.');
    const { from } = this.config.mail;
    const messageId = `<${messageKey}@${domainOf(from)}>`;
    // An auto-reply to a mail that nobody reads helps nobody (RFC 3834).
    const headers = { 'Auto-Submitted': 'auto-generated', ...mail.headers };
    await unlessAborted(this.transport.sendMail({ ...mail, from, to, messageId, headers }), signal);
  }

  onApplicationShutdown(): void {
    this.transport?.close();
  }
}

const domainOf = (from: string): string => /@([^\s<>@]+)/.exec(from)?.[1] ?? 'localhost';

/** Work that cannot be stopped is left behind; the process that is ending takes it along. */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(new Error('The process ends; the mail is sent by another, or later.'));
  });
  signal.addEventListener('abort', abort);
  try {
    if (signal.aborted) abort();
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
