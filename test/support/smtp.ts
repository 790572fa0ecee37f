import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as the server took it. */
export interface ReceivedMail {
  to: string[];
  /** Header names in lower case; the last of a name counts. */
  headers: Record<string, string>;
  /** The plain and the HTML part, decoded. */
  text: string;
  html: string;
}

/** What the server does with the next mails. */
export type Manner = 'take' | 'refuse' | 'hang';

/** A real mail server on a port of its own. */
export interface TestSmtp {
  /** For SMTP_URL. */
  url: string;
  mails: ReceivedMail[];
  /** How many mails were handed over whole, also those that it then refused or never answered. */
  offered: number;
  /** From now on. `hang`: takes the whole mail and never answers; those that hang are let go by another manner. */
  behave(manner: Manner): void;
  close(): Promise<void>;
}

/** The user and password that the server wants. */
const CREDENTIALS = { user: 'nyttospår', password: 'hemligt@lösen' };

export async function startSmtp(): Promise<TestSmtp> {
  let manner: Manner = 'take';
  const hanging = new Set<(error: Error) => void>();
  const state: TestSmtp = { url: '', mails: [], offered: 0, behave: () => undefined, close: async () => undefined };
  const server = new SMTPServer({
    authOptional: false,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === CREDENTIALS.user && password === CREDENTIALS.password
        ? done(null, { user: username })
        : done(new Error('wrong user or password')),
    onData: (stream, session, done) => {
      void buffer(stream).then((raw) => {
        state.offered += 1;
        if (manner === 'hang') return void hanging.add(done);
        if (manner === 'refuse') return done(Object.assign(new Error('try later'), { responseCode: 451 }));
        const to = session.envelope.rcptTo.map(({ address }) => address);
        state.mails.push({ to, ...parse(raw.toString('utf8')) });
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that was killed
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const [user, password] = [encodeURIComponent(CREDENTIALS.user), encodeURIComponent(CREDENTIALS.password)];
  state.url = `smtp://${user}:${password}@127.0.0.1:${port}`;
  state.behave = (next) => {
    manner = next;
    for (const done of hanging) done(new Error('too late'));
    hanging.clear();
  };
  state.close = async () => {
    state.behave('take');
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return state;
}

function parse(raw: string): Omit<ReceivedMail, 'to'> {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const headers = headersOf(head);
  const body = rest.join('\r\n\r\n');
  const [, boundary] = /boundary="?([^";]+)/.exec(headers['content-type'] ?? '') ?? [];
  const parts = boundary ? body.split(`--${boundary}`).slice(1, -1) : [];
  const decoded = parts.map((part) => {
    const [partHead = '', ...partBody] = part.trimStart().split('\r\n\r\n');
    const partHeaders = headersOf(partHead);
    const content = decode(partBody.join('\r\n\r\n'), partHeaders['content-transfer-encoding'] ?? '7bit');
    return { type: partHeaders['content-type'] ?? '', content };
  });
  const of = (type: string): string => decoded.find((part) => part.type.startsWith(type))?.content ?? '';
  return { headers, text: of('text/plain'), html: of('text/html') };
}

/** Folded lines joined, encoded words (RFC 2047) decoded. */
function headersOf(head: string): Record<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':');
      return [line.slice(0, at).toLowerCase(), words(line.slice(at + 1).trim())];
    }),
  );
}

const words = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([QB])\?([^?]*)\?=/gi, (_, encoding: string, word: string) =>
      encoding.toUpperCase() === 'B'
        ? Buffer.from(word, 'base64').toString('utf8')
        : decode(word.replaceAll('_', ' '), 'quoted-printable'),
    );

function decode(content: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(content, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return content;
  const bytes = content
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
