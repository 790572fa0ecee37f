import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { separatorOf, TextReader, UnreadableText } from '#telemetry';
import { CsvError, parse } from 'csv-parse';

/** A line of a CSV file; a quoted cell may hold line breaks, so that a record's line is where it ends. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

/** Why a file cannot be read to its end. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}

/** A line longer than this is none: somewhere before it a quotation mark was never closed. */
const RECORD_CHARACTERS = 65_536;

/** The records of a CSV file, one by one as its bytes come; the separator is told by the first line. */
export async function* readRecords(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<CsvRecord> {
  try {
    const text = textOf(bytes);
    const head = await readHead(text);
    const parser = parse({
      delimiter: separatorOf(head.split(/[\r\n]/, 1)[0] ?? ''),
      info: true,
      max_record_size: RECORD_CHARACTERS,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
    const feeding = pipeline(Readable.from(chained(head, text)), parser);
    feeding.catch(() => undefined); // told by the parser as well
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { line: info.lines, cells: record };
    }
    await feeding;
  } catch (error) {
    throw error instanceof CsvError || error instanceof UnreadableText ? faultOf(error) : error;
  }
}

function faultOf(error: Error & { code?: string; lines?: number }): FileFault {
  if (error.code !== 'CSV_MAX_RECORD_SIZE') return new FileFault(error.message, { cause: error });
  return new FileFault(`a line after line ${error.lines ?? 1} has no end: a quotation mark is open`, { cause: error });
}

async function* textOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const reader = new TextReader();
  for await (const piece of bytes) yield reader.read(piece);
  yield reader.end();
}

/** Enough of the text to hold its first line. */
async function readHead(text: AsyncGenerator<string>): Promise<string> {
  let head = '';
  while (head.length < RECORD_CHARACTERS && !/[\r\n]/.test(head)) {
    const next = await text.next();
    if (next.done) break;
    head += next.value;
  }
  return head;
}

async function* chained(head: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  if (head !== '') yield head;
  for await (const piece of rest) if (piece !== '') yield piece;
}
