import fc from 'fast-check';
import { FAMILIES } from '#domain';
import { describe, expect, it } from 'vitest';
import { parseNumber, parseTime, parseYesNo, safeCell } from './cells.js';
import { readHeader, separatorOf, type Column } from './columns.js';
import { TextReader, UnreadableText } from './text-reader.js';
import { readUsageLine } from './usage-line.js';

const ZONE = 'Europe/Stockholm';

describe('a number as people write it', () => {
  it.each<[string, number | null]>([
    ['12', 12],
    ['12,5', 12.5],
    ['12.5', 12.5],
    ['1 234,5', 1234.5],
    ['1\u00a0234\u00a0567', 1_234_567],
    ['-3', -3],
    ['+3', 3],
    ['1e3', 1000],
    ['', null],
    ['1 2', null],
    ['1,2,3', null],
    ['1.234,5', null],
    ['=1+1', null],
    ['Infinity', null],
    ['1e999', null],
    ['0x10', null],
    ['tolv', null],
  ])('%j is %j', (cell, value) => {
    expect(parseNumber(cell)).toBe(value);
  });
});

describe('a time as people write it', () => {
  it.each([
    ['2026-11-20 14:05', '2026-11-20T13:05:00.000Z'], // winter: UTC + 1
    ['2026-07-20 14:05', '2026-07-20T12:05:00.000Z'], // summer: UTC + 2
    ['2026-11-20T14:05:30', '2026-11-20T13:05:30.000Z'],
    ['20261120 14.05', '2026-11-20T13:05:00.000Z'],
    ['20/11/2026 14:05', '2026-11-20T13:05:00.000Z'],
    ['5.3.2026 9.07', '2026-03-05T08:07:00.000Z'],
    ['2026-11-20 kl. 14.05', '2026-11-20T13:05:00.000Z'],
    ['2026-11-20T14:05:00Z', '2026-11-20T14:05:00.000Z'],
    ['2026-11-20 14:05:00+05:30', '2026-11-20T08:35:00.000Z'],
    ['2026-10-25 02:30', '2026-10-25T00:30:00.000Z'], // comes twice: the first, in summer time
  ])('%s is %s', (cell, instant) => {
    expect(parseTime(cell, ZONE)).toEqual({ atMs: Date.parse(instant) });
  });

  it.each([
    ['2026-11-20', 'no_time_of_day'],
    ['2026-03-29 02:30', 'skipped_hour'],
    ['2026-02-30 10:00', 'unreadable'],
    ['2026-11-20 24:00', 'unreadable'],
    ['11/20/2026 14:05', 'unreadable'],
    ['i går', 'unreadable'],
    ['', 'unreadable'],
  ])('%s is no time: %s', (cell, fault) => {
    expect(parseTime(cell, ZONE)).toEqual({ fault });
  });
});

it.each([
  ['Ja', true],
  ['nej', false],
  ['TRUE', true],
  ['kanske', null],
])('%s is %s', (cell, value) => {
  expect(parseYesNo(cell)).toBe(value);
});

describe('a cell for a spreadsheet', () => {
  it.each([
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+46', `"'+46"`],
    ['-1', `"'-1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\t=1', `"'\t=1"`],
    ['  =1', `"'  =1"`],
    ['vanlig; "text"', `"vanlig; ""text"""`],
  ])('%j is written as %s', (text, cell) => {
    expect(safeCell(text)).toBe(cell);
  });
});

describe('a header', () => {
  it('is read in either language, in any order, with attributes by name or label', () => {
    const header = readHeader(['Tid', 'Apparat', 'Mått', 'Utfall', 'actor_role', 'Personnummer', '']);
    expect(header).toMatchObject({ ignored: ['Personnummer'] });
    expect('columns' in header && header.columns.map(({ role, attribute }) => attribute ?? role)).toEqual([
      'at',
      'device',
      'metric',
      'result',
      'actor_role',
    ]);
  });

  it('says which columns are missing, or there twice', () => {
    expect(readHeader(['device', 'värde'])).toEqual({ fault: 'missing_columns', names: ['metric', 'at'] });
    expect(readHeader(['device', 'metric', 'at', 'tid'])).toEqual({ fault: 'column_twice', names: ['at'] });
  });

  it.each([
    ['a;b;c', ';'],
    ['a,b,c', ','],
    ['a\tb\tc', '\t'],
    ['"a,b,c,d";b', ';'],
    ['a', ';'],
  ])('%j is split by %j', (line, separator) => {
    expect(separatorOf(line)).toBe(separator);
  });
});

describe('a line', () => {
  const header = readHeader(['device', 'metric', 'at', 'until', 'value', 'id', 'result', 'actor_role']);
  const columns: readonly Column[] = 'columns' in header ? header.columns : [];
  const read = (...cells: string[]) => readUsageLine(cells, { columns, family: FAMILIES.keyless_lock, zone: ZONE });

  it('means a usage, with labels taken for names', () => {
    expect(read('L-1', 'Öppning', '2026-11-20 14:05', '', '1', 'a1', 'lyckad', 'staff')).toEqual({
      id: 'a1',
      metric: 'unlock',
      at: '2026-11-20T13:05:00.000Z',
      value: 1,
      attributes: { result: 'success', actor_role: 'staff' },
    });
  });

  it.each([
    [['L-1', 'tvätt', '2026-11-20 14:05'], 'metric', 'unknown_metric'],
    [['L-1', 'unlock', '2026-11-20'], 'at', 'no_time_of_day'],
    [['L-1', 'unlock', '2026-11-20 14:05', 'sen'], 'until', 'unreadable'],
    [['L-1', 'unlock', '2026-11-20 14:05', '', 'många'], 'value', 'no_number'],
    [['L-1', 'unlock', '2026-11-20 14:05', '', '', '', 'kanske'], 'result', 'value_out_of_range'],
    [['L-1'], 'metric', 'unknown_metric'],
  ])('%j is refused at %s: %s', (cells, column, code) => {
    expect(read(...cells)).toMatchObject({ column, code });
  });
});

describe('the bytes of a file', () => {
  const decode = (bytes: Uint8Array, size = bytes.length): string => {
    const reader = new TextReader();
    let text = '';
    for (let at = 0; at < bytes.length; at += size) text += reader.read(bytes.subarray(at, at + size));
    return text + reader.end();
  };
  const windows1252 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const text = 'apparat;tid\nLås på hörnet;2026\n';

  it.each([1, 2, 3, 7, 1000])('are read in pieces of %i in every encoding', (size) => {
    expect(decode(new TextEncoder().encode(text), size)).toBe(text);
    expect(decode(new TextEncoder().encode(`\ufeff${text}`), size)).toBe(text);
    expect(decode(windows1252(text), size)).toBe(text);
    expect(decode(new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le')), size)).toBe(text);
  });

  it('are the same text however they are cut', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((one) => !one.includes('\0'));
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 9 }), (one, size) => {
        expect(decode(new TextEncoder().encode(`x${one}`), size)).toBe(`x${one}`);
      }),
    );
  });

  it.each([
    ['NUL', windows1252('a;b\n\0;2')],
    ['UTF-8 that turns into Windows-1252', new Uint8Array([...new TextEncoder().encode('å;'), 0xe5, 0x3b, 0x3b])],
  ])('%s is no text', (_what, bytes) => {
    expect(() => decode(bytes, 4)).toThrow(UnreadableText);
  });
});
