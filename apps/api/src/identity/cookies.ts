import type { FastifyReply } from 'fastify';

/** Name of the session cookie. */
export const SESSION_COOKIE = 'nyttospar_session';

/** The value of a cookie in a Cookie header, or null. */
export function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

/**
 * Gives the browser its session. Without Max-Age it ends with the browser: care units share computers. Strict, because
 * the page itself needs no cookie and asks for everything from its own site, also when a mail's link led to it.
 */
export function setSessionCookie(reply: FastifyReply, token: string, secure: boolean): void {
  void reply.header('set-cookie', `${SESSION_COOKIE}=${token}; ${attributes(secure)}`);
}

/** Takes the session cookie away. */
export function clearSessionCookie(reply: FastifyReply, secure: boolean): void {
  void reply.header('set-cookie', `${SESSION_COOKIE}=; Max-Age=0; ${attributes(secure)}`);
}

const attributes = (secure: boolean): string => `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
