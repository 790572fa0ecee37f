import { z } from 'zod';
import { endpoint } from './endpoint.js';

const Part = z.object({ ok: z.boolean(), message: z.string().optional() });
export const ReadyView = z
  .object({ ok: z.boolean(), parts: z.record(z.enum(['database', 'ingest', 'worker', 'jobs', 'canary', 'web']), Part) })
  .meta({ id: 'Ready' });

export const healthApi = {
  live: endpoint({
    method: 'GET',
    path: '/api/health/live',
    access: 'public',
    summary: 'The process answers',
    response: z.object({ ok: z.literal(true) }),
  }),
  ready: endpoint({
    method: 'GET',
    path: '/api/health/ready',
    access: 'public',
    summary: '200 only when every part works, else 503 with the part that does not',
    response: ReadyView,
  }),
};
