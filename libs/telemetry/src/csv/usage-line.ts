import type { UsageMessage } from '#contracts';
import type { AttributeShape, Family, Metric, Text } from '#domain';
import { parseNumber, parseTime, parseYesNo } from './cells.js';
import type { Column, ColumnRole } from './columns.js';

/** Why a line means no usage: the column by its title in the file, null = the whole line. */
export interface LineFault {
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
}

/** Where and of what family the line's device is. */
export interface LineContext {
  readonly columns: readonly Column[];
  readonly family: Family;
  readonly zone: string;
}

/** The cell of a role, without spaces around it; empty when the file has no such column. */
export function cellOf(cells: readonly string[], columns: readonly Column[], role: ColumnRole): string {
  const column = columns.find((one) => one.role === role);
  return column === undefined ? '' : (cells[column.index] ?? '').trim();
}

/** Thrown and caught in this file alone: a line is given up at its first fault. */
class Unreadable extends Error {
  constructor(readonly fault: LineFault) {
    super(fault.reason);
  }
}

/**
 * The usage that a line means, in the wire format; the wire's own rules are not checked here. A metric or a value of a
 * list may be written as its name or as its label in either language.
 */
export function readUsageLine(cells: readonly string[], context: LineContext): UsageMessage | LineFault {
  try {
    return usageOf(cells, context);
  } catch (error) {
    if (error instanceof Unreadable) return error.fault;
    throw error;
  }
}

function usageOf(cells: readonly string[], { columns, family, zone }: LineContext): UsageMessage {
  const cell = (role: ColumnRole): string => cellOf(cells, columns, role);
  const fail = (role: ColumnRole, code: string, reason: string): never => {
    throw new Unreadable({ column: columns.find((one) => one.role === role)?.title ?? null, code, reason });
  };
  const metric = metricOf(family, cell('metric'));
  if (!metric)
    return fail('metric', 'unknown_metric', `${family.code} has no metric ${JSON.stringify(cell('metric'))}`);
  const time = (role: 'at' | 'until'): string => {
    const read = parseTime(cell(role), zone);
    return 'fault' in read ? fail(role, read.fault, TIME_FAULTS[read.fault]) : new Date(read.atMs).toISOString();
  };
  const value =
    cell('value') === '' ? undefined : (parseNumber(cell('value')) ?? fail('value', 'no_number', NO_NUMBER));
  return {
    ...(cell('id') === '' ? {} : { id: cell('id') }),
    metric: metric.name,
    at: time('at'),
    ...(cell('until') === '' ? {} : { until: time('until') }),
    ...(value === undefined ? {} : { value }),
    attributes: attributesOf(cells, columns, metric),
  };
}

const TIME_FAULTS = {
  unreadable: 'no time: write it as 2026-11-20 14:05',
  no_time_of_day: 'a date without a time of day: write it as 2026-11-20 14:05',
  skipped_hour: 'the clocks went forward over that hour: it did not exist',
} as const;
const NO_NUMBER = 'no number: write it as 12 or 12,5';

const says = (cell: string, name: string, label: Text | undefined): boolean =>
  [name, label?.sv, label?.en].some((word) => word?.toLowerCase() === cell.toLowerCase());

function metricOf(family: Family, cell: string): Metric | undefined {
  return family.metrics.find(({ name, label }) => says(cell, name, label));
}

function attributesOf(
  cells: readonly string[],
  columns: readonly Column[],
  metric: Metric,
): Record<string, string | number | boolean> {
  const given = columns.flatMap(({ role, attribute, index, title }) => {
    const cell = (cells[index] ?? '').trim();
    const shape = attribute === undefined ? undefined : metric.attributes[attribute];
    // A file may hold several metrics: a column that this one does not declare belongs to another.
    if (role !== 'attribute' || cell === '' || attribute === undefined || !shape) return [];
    const value = valueOf(shape, cell);
    if (value !== null) return [[attribute, value] as const];
    throw new Unreadable({ column: title, code: 'value_out_of_range', reason: `${attribute} cannot be that` });
  });
  return Object.fromEntries(given);
}

function valueOf(shape: AttributeShape, cell: string): string | number | boolean | null {
  switch (shape.type) {
    case 'enum':
      return shape.values.find((value) => says(cell, value, shape.labels[value])) ?? null;
    case 'string':
      return cell;
    case 'number':
      return parseNumber(cell);
    case 'boolean':
      return parseYesNo(cell);
  }
}
