import { z } from 'zod';
import { type CanarySettings, canarySettings } from './canary/canary-settings.js';

/** An empty variable counts as not set, as it does in a compose file. */
const unset = (value: unknown): unknown => (value === '' ? undefined : value);

/** `Name <address>` or the address alone. */
const SENDER = /^(?:[^<>@\r\n]+<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

const Settings = z.object({
  DATABASE_URL: z.string().refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), {
    message: 'a URL such as postgres://user:password@127.0.0.1:5432/nyttospar (percent-encode special characters)',
  }),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  BIND: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DEMO: z.enum(['on', 'off']).default('off'),
  /** Where people reach the pages, for links and the Secure flag of the cookie; default http://localhost:HTTP_PORT. */
  PUBLIC_URL: z.preprocess(unset, z.url({ protocol: /^https?$/ }).optional()),
  WEB_DIR: z.string().optional(),
  /** Addresses or networks of the reverse proxies in front, comma-separated: only they may say who the caller is. */
  TRUSTED_PROXIES: z.string().default(''),
  /** Where mail is handed over; without it people are told in the pages alone. */
  SMTP_URL: z.preprocess(
    unset,
    z
      .string()
      .refine((url) => /^smtps?:\/\/./.test(url) && URL.canParse(url), {
        message:
          'a URL such as smtp://user:password@mail.example.se:587 or smtps://… (percent-encode special characters)',
      })
      .optional(),
  ),
  MAIL_FROM: z.preprocess(
    unset,
    z.string().regex(SENDER, 'a sender such as Nyttospår <nyttospar@kommunen.example.se>').optional(),
  ),
  /** Whether this process does jobs: `queue` only what others enqueue, without the timetable. */
  JOBS: z.enum(['on', 'queue', 'off']).default('on'),
  /** The built-in broker's port, for the canary; without it and without MQTT_URL there is none. */
  MQTT_PORT: z.preprocess(unset, z.coerce.number().int().min(1).max(65_535).optional()),
  /** A broker of one's own, and the log-in that it has given the canary. */
  MQTT_URL: z.preprocess(unset, z.url({ protocol: /^mqtts?$/ }).optional()),
  MQTT_CA: z.preprocess(unset, z.string().optional()),
  CANARY: z.enum(['on', 'off']).default('on'),
  CANARY_SECONDS: z.coerce.number().min(0.1).max(3600).default(30),
  CANARY_USERNAME: z.preprocess(
    unset,
    z
      .string()
      .regex(/^canary-[a-z0-9-]{1,56}$/, 'a name that begins with canary-, of small letters, digits and hyphens')
      .optional(),
  ),
  CANARY_PASSWORD: z.preprocess(unset, z.string().optional()),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/** A mail without a sender is refused by servers, and one whose links lead to localhost helps nobody. */
const WholeSettings = Settings.superRefine(({ SMTP_URL, MAIL_FROM, PUBLIC_URL }, context) => {
  if (SMTP_URL === undefined) return;
  const missing = (path: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message: `needed with SMTP_URL: ${message}` });
  if (MAIL_FROM === undefined) missing('MAIL_FROM', 'who the mails come from, such as nyttospar@kommunen.example.se');
  if (PUBLIC_URL === undefined)
    missing('PUBLIC_URL', 'where the links in the mails lead, such as https://nyttospar.example.se');
});

/** What the API is started with; parsed once. */
export interface Config {
  databaseUrl: string;
  port: number;
  bind: string;
  dataDir: string;
  demo: boolean;
  publicUrl: string;
  /** The built web page; null serves the API alone. */
  webDir: string | null;
  /** Empty: the peer's own address counts, whatever its headers say. */
  trustedProxies: string[];
  /** Null: no mail is sent. */
  mail: { smtpUrl: string; from: string } | null;
  jobs: 'on' | 'queue' | 'off';
  canary: CanarySettings;
  logLevel: string;
}

/** Reads the settings; throws one readable error that names every bad one. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = WholeSettings.safeParse(env);
  if (!parsed.success) throw new Error(`Bad settings:\n${z.prettifyError(parsed.error)}`);
  const s = parsed.data;
  return {
    databaseUrl: s.DATABASE_URL,
    port: s.HTTP_PORT,
    bind: s.BIND,
    dataDir: s.DATA_DIR,
    demo: s.DEMO === 'on',
    publicUrl: s.PUBLIC_URL ?? `http://localhost:${s.HTTP_PORT}`,
    webDir: s.WEB_DIR ?? null,
    trustedProxies: s.TRUSTED_PROXIES.split(',').flatMap((proxy) => proxy.trim() || []),
    mail: s.SMTP_URL && s.MAIL_FROM ? { smtpUrl: s.SMTP_URL, from: s.MAIL_FROM } : null,
    jobs: s.JOBS,
    canary: canarySettings(s),
    logLevel: s.LOG_LEVEL,
  };
}
