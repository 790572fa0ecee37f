import { FAMILIES } from '#domain';

/** What a column of a file of usages holds: one of these, or an attribute of a metric. */
export type ColumnRole = 'device' | 'metric' | 'at' | 'until' | 'value' | 'id';

/** One column that is read, by its place; `title` is what the file calls it. */
export interface Column {
  readonly index: number;
  readonly title: string;
  readonly role: ColumnRole | 'attribute';
  /** The attribute's name, for that role. */
  readonly attribute?: string;
}

/** The header of a file: its columns, or why it is none. */
export type Header =
  | { readonly columns: readonly Column[]; readonly ignored: readonly string[] }
  | { readonly fault: 'missing_columns' | 'column_twice'; readonly names: readonly string[] };

const TITLES: Readonly<Record<ColumnRole, readonly string[]>> = {
  device: ['device', 'apparat', 'enhet', 'serienummer', 'serial', 'asset_tag', 'märkning'],
  metric: ['metric', 'mått', 'mätvärde', 'händelse'],
  at: ['at', 'tid', 'tidpunkt', 'tid (start)', 'start', 'from', 'från'],
  until: ['until', 'till', 'slut', 'end', 'to'],
  value: ['value', 'värde', 'antal'],
  id: ['id', 'meddelande-id'],
};
const NEEDED: readonly ColumnRole[] = ['device', 'metric', 'at'];

/** Attribute names and their labels in both languages → the name. */
const ATTRIBUTES = new Map(
  Object.values(FAMILIES).flatMap(({ metrics }) =>
    metrics.flatMap(({ attributes }) =>
      Object.entries(attributes).flatMap(([name, { label }]) =>
        [name, label.sv, label.en].map((title) => [title.toLowerCase(), name] as const),
      ),
    ),
  ),
);

/** Reads the header of a file of usages. Columns that nothing is known of are named and never read. */
export function readHeader(cells: readonly string[]): Header {
  const columns: Column[] = [];
  const ignored: string[] = [];
  cells.forEach((cell, index) => {
    const column = columnOf(cell.trim(), index);
    if (column) columns.push(column);
    else if (cell.trim() !== '') ignored.push(cell.trim().slice(0, 80));
  });
  const missing = NEEDED.filter((role) => !columns.some((column) => column.role === role));
  if (missing.length > 0) return { fault: 'missing_columns', names: missing };
  const names = columns.map(nameOf);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  return twice.length > 0 ? { fault: 'column_twice', names: twice } : { columns, ignored };
}

const nameOf = ({ role, attribute }: Column): string => attribute ?? role;

function columnOf(title: string, index: number): Column | null {
  const word = title.toLowerCase();
  const role = (Object.keys(TITLES) as ColumnRole[]).find((one) => TITLES[one].includes(word));
  if (role) return { index, title, role };
  const attribute = ATTRIBUTES.get(word);
  return attribute === undefined ? null : { index, title, role: 'attribute', attribute };
}

const SEPARATORS = [';', '\t', ','] as const;

/** The separator of a file, told by its first line: the one that splits it most often outside of quotes. */
export function separatorOf(firstLine: string): (typeof SEPARATORS)[number] {
  const bare = firstLine.replace(/"[^"]*"/g, '');
  const count = (separator: string): number => bare.split(separator).length;
  return SEPARATORS.reduce((best, separator) => (count(separator) > count(best) ? separator : best));
}
