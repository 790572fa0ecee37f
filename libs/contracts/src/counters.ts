import { COUNTER_DECISIONS, COUNTER_FLAGS } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Instant, MessageKey, text } from './values.js';

const reading = { metric: z.number().int().min(1).max(32_767), at: Instant, readingId: MessageKey };

/** What a person has said of a reading (rule U7). */
export const CounterDecisionView = z
  .object({ decided: z.enum(COUNTER_DECISIONS), reason: z.string(), byName: z.string(), at: Instant })
  .meta({ id: 'CounterDecision' });

/** A reading of a counter that a person should look at, or has (rule U11). */
export const CounterReadingView = z
  .object({
    ...reading,
    metricName: z.string().nullable(),
    value: z.number(),
    /** What it was compared with; null for a first reading, and when that one was taken outside the reader’s scope. */
    previous: z.number().nullable(),
    /** Null: nothing is to be looked at any more. */
    kind: z.enum(COUNTER_FLAGS).nullable(),
    decision: CounterDecisionView.nullable(),
  })
  .meta({ id: 'CounterReading' });
export type CounterReadingView = z.output<typeof CounterReadingView>;

const CounterReadings = z.object({ rows: z.array(CounterReadingView) }).meta({ id: 'CounterReadings' });

export const CorrectCounter = z
  .object({ ...reading, decided: z.enum(COUNTER_DECISIONS), reason: text(500).default('') })
  .meta({ id: 'CorrectCounter' });
export type CorrectCounter = z.output<typeof CorrectCounter>;

export const countersApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/devices/:id/counters',
    access: 'device:read',
    summary: 'Readings of the device’s counters to be looked at, and what was decided of them, newest first',
    params: ById,
    response: CounterReadings,
  }),
  correct: endpoint({
    method: 'POST',
    path: '/api/devices/:id/counters',
    access: 'device:edit',
    summary: 'Decide what a counter’s reading is; the reading itself stays',
    params: ById,
    body: CorrectCounter,
    response: CounterReadings,
  }),
};
