import { z } from 'zod';

/** C0 controls but tab, line feed and carriage return; PostgreSQL cannot store NUL at all. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** Free text of a person: trimmed, without control characters, at most `max` characters. */
export const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .refine((value) => !CONTROL.test(value), { message: 'must not hold control characters' });

/** Text that must not be empty. */
export const name = (max: number) => text(max).min(1);

export const Id = z.uuid().meta({ id: 'Id' });
/** A calendar date of the municipality, YYYY-MM-DD. */
export const LocalDate = z.iso.date();
/** A moment, RFC 3339 with offset. */
export const Instant = z.iso.datetime({ offset: true });
/** A message's stored name: 32 bits as a decimal text. */
export const MessageKey = z
  .string()
  .regex(/^-?\d{1,10}$/, { abort: true })
  .refine((key) => (Number(key) | 0) === Number(key), 'a whole number of 32 bits');
/** Integer öre, without VAT. */
export const Ore = z.number().int().min(-9_000_000_000_000).max(9_000_000_000_000);
export const PositiveOre = Ore.min(0);

export const ById = z.object({ id: Id });

/** Paging by offset: lists never exceed 1,000 rows. */
export const Page = z.object({
  search: text(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).max(1_000_000).default(0),
});

/** A page of rows and how many there are in all. */
export const pageOf = <T extends z.ZodType>(row: T) => z.object({ rows: z.array(row), total: z.number().int() });

/** The body of every error answer. `errors` names each field of a refused body by its path. */
export const ErrorView = z
  .object({
    statusCode: z.number().int(),
    code: z.string(),
    message: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'Error' });
export type ErrorView = z.output<typeof ErrorView>;

/** How much of what was expected is known: "based on N of M devices reporting, X h of gaps" (series, rule U10). */
export const CoverageView = z
  .object({
    expected: z.number().int(),
    reporting: z.number().int(),
    expectedHours: z.number(),
    gapHours: z.number(),
  })
  .meta({ id: 'Coverage' });
export type CoverageView = z.output<typeof CoverageView>;
