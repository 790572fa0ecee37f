import { z } from 'zod';

const Settings = z.object({
  DATABASE_URL: z.string().refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), {
    message: 'a URL such as postgres://user:password@127.0.0.1:5432/nyttospar (percent-encode special characters)',
  }),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  BIND: z.string().default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DEMO: z.enum(['on', 'off']).default('off'),
  /** Where people reach the pages, for links and the Secure flag of the cookie; default http://localhost:HTTP_PORT. */
  PUBLIC_URL: z.url().optional(),
  WEB_DIR: z.string().optional(),
  /** Addresses or networks of the reverse proxies in front, comma-separated: only they may say who the caller is. */
  TRUSTED_PROXIES: z.string().default(''),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
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
  logLevel: string;
}

/** Reads the settings; throws one readable error that names every bad one. */
export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  const parsed = Settings.safeParse(env);
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
    logLevel: s.LOG_LEVEL,
  };
}
