import { type UsageMessage, upwardTopic } from '#contracts';
import { FAMILIES, maySpeak } from '#domain';
import {
  cellOf,
  type Column,
  type LineFault,
  readUsageLine,
  type Rejection,
  safeCell,
  type TimeWindow,
} from '#telemetry';
import { judgeUsages } from '../judge-usages.js';
import type { FoundDevice, ImportLine } from './imports.queries.js';
import type { CsvRecord } from './read-records.js';

/** What is the same for every line of a file. */
export interface FileContext {
  readonly columns: readonly Column[];
  readonly zone: string;
  readonly window: TimeWindow;
}

/** Most of a bad line that is kept for whoever mends it. */
const WRITTEN_CHARACTERS = 2_000;

/** What a line names as its device, as it is looked up. */
export function deviceNameOf({ cells }: CsvRecord, columns: readonly Column[]): string {
  return cellOf(cells, columns, 'device').toLowerCase();
}

/** A line as it is stored: the usage that it means, or why it means none. Pure. */
export function judgeLine(record: CsvRecord, devices: readonly FoundDevice[], file: FileContext): ImportLine {
  const { line } = record;
  const [device] = devices;
  if (!device || devices.length > 1 || !maySpeak(device.lifecycle)) {
    return badLine(record, noDevice(devices, file.columns));
  }
  const family = FAMILIES[device.family];
  const usage = readUsageLine(record.cells, { ...file, family });
  if ('code' in usage) return badLine(record, usage);
  const payload = Buffer.from(JSON.stringify(usage));
  const topic = upwardTopic(device.publicId, 'usage');
  const [rejection] = judgeUsages({ topic, payload, family, window: file.window }).rejections;
  if (rejection) return badLine(record, faultOf(rejection, file.columns));
  return { line, deviceKey: device.key, usage: usage satisfies UsageMessage, fault: null, written: null };
}

function badLine({ line, cells }: CsvRecord, fault: LineFault): ImportLine {
  const written = cells.map(safeCell).join(';').slice(0, WRITTEN_CHARACTERS);
  return { line, deviceKey: null, usage: null, fault, written };
}

function noDevice(devices: readonly FoundDevice[], columns: readonly Column[]): LineFault {
  const column = columns.find(({ role }) => role === 'device')?.title ?? null;
  if (devices.length === 0)
    return { column, code: 'unknown_device', reason: 'no device below the chosen unit has this name, tag or serial' };
  if (devices.length > 1)
    return { column, code: 'ambiguous_device', reason: 'several devices have it: use the asset tag' };
  return { column, code: 'device_retired', reason: 'the device is retired' };
}

/** The column that a refusal of the wire's rules is about. */
function faultOf({ code, reason }: Rejection, columns: readonly Column[]): LineFault {
  const titleOf = (name: string): string | null =>
    columns.find(({ role, attribute }) => (attribute ?? role) === name)?.title ?? null;
  const field = /^(?:attributes\.)?(\w+)/.exec(reason)?.[1] ?? '';
  return { column: titleOf(COLUMNS[code] ?? field) ?? titleOf('value'), code, reason };
}

const COLUMNS: Partial<Record<Rejection['code'], string>> = {
  unknown_metric: 'metric',
  time_in_future: 'at',
  time_too_old: 'at',
  session_times: 'until',
};
