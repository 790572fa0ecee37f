import type { Endpoint } from '#contracts';
import type { z } from 'zod';

/** A request that does not match the contract: names each field by its path (400). */
export class BadRequest extends Error {
  constructor(readonly errors: { path: string; message: string }[]) {
    super('The request does not match what this route takes; see errors.');
  }
}

const PARTS = ['params', 'query', 'body'] as const;
type Parts = Record<(typeof PARTS)[number], unknown>;

/** Validates all three parts and reports everything that is wrong at once. */
export function parseRequest(
  endpoint: Endpoint | undefined,
  request: { params: unknown; query: unknown; body: unknown },
): Parts {
  const errors: { path: string; message: string }[] = [];
  const parsed: Parts = { params: undefined, query: undefined, body: undefined };
  for (const part of PARTS) {
    const schema = endpoint?.[part];
    if (!schema || (part === 'body' && endpoint?.takes)) continue; // the handler judges such a body itself
    const result = schema.safeParse(request[part] ?? {});
    if (result.success) parsed[part] = result.data;
    else errors.push(...result.error.issues.map((issue) => described(part, issue)));
  }
  if (errors.length > 0) throw new BadRequest(errors);
  return parsed;
}

const described = (part: string, issue: z.core.$ZodIssue): { path: string; message: string } => ({
  path: [part, ...issue.path.map(String)].join('.'),
  message: issue.message,
});
