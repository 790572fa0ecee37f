import { NativeSelect } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconArrowsSort } from '@tabler/icons-react';
import {
  createSortedRowModel,
  rowSortingFeature,
  tableFeatures,
  useTable,
  type ColumnDef,
  type SortFn,
} from '@tanstack/react-table';
import { useMemo, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './data-table.module.css';
import { useIsScrollable } from './use-is-scrollable.js';

type SortValue = string | number | null;

/** One column; `value` makes it sortable. `label` names it on a phone, where each row is a card. */
export interface Column<Row> {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  value?: (row: Row) => SortValue;
  align?: 'start' | 'end';
  /** The cell that names the row: its row header, and its card's heading on a phone. */
  isRowHeader?: boolean;
}

interface DataTableProps<Row> {
  /** Read to screen readers; shown above the table when `showCaption`. */
  caption: string;
  showCaption?: boolean;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  sortedBy?: { id: string; desc: boolean };
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
type Features = typeof features;

const COLLATOR = new Intl.Collator('sv', { numeric: true, sensitivity: 'base' });

function compare(one: SortValue, other: SortValue): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return typeof one === 'number' && typeof other === 'number'
    ? one - other
    : COLLATOR.compare(String(one), String(other));
}

function toColumnDef<Row extends object>(column: Column<Row>): ColumnDef<Features, Row> {
  const sortFn: SortFn<Features, Row> = (one, other, id) =>
    compare(one.getValue<SortValue>(id), other.getValue<SortValue>(id));
  return {
    id: column.id,
    header: column.header,
    accessorFn: (row) => column.value?.(row) ?? null,
    enableSorting: column.value !== undefined,
    sortFn,
  };
}

/** A table to work in: sorts by its headings, keeps its header in sight, and becomes cards on a phone. */
export function DataTable<Row extends object>({
  caption,
  showCaption = false,
  rows,
  columns,
  rowKey,
  sortedBy,
}: DataTableProps<Row>) {
  const [sorting, setSorting] = useState(sortedBy === undefined ? [] : [sortedBy]);
  const definitions = useMemo(() => columns.map(toColumnDef), [columns]);
  const table = useTable<Features, Row>({
    features,
    data: rows,
    columns: definitions,
    getRowId: rowKey,
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: false,
    enableMultiSort: false,
  });
  const { ref, isScrollable } = useIsScrollable();
  const { t } = useTranslation();
  const focusable = isScrollable
    ? { tabIndex: 0, role: 'region', 'aria-label': t('parts.scrollable', { caption }) }
    : {};
  return (
    <div className={classes.frame}>
      <SortChoice columns={columns} sorting={sorting[0]} onSort={(next) => setSorting([next])} />
      <div className={classes.region} data-long={rows.length > 15 || undefined} ref={ref} {...focusable}>
        {/* Roles are written out, since a browser drops them when rows are laid out as cards. */}
        <table role="table" className={classes.table}>
          <caption className={showCaption ? classes.caption : classes.hidden}>{caption}</caption>
          <thead role="rowgroup" className={classes.head}>
            <tr role="row">
              {columns.map((column) => (
                <HeaderCell
                  key={column.id}
                  column={column}
                  sorted={sorting[0]?.id === column.id ? (sorting[0].desc ? 'descending' : 'ascending') : undefined}
                  onSort={() => table.getColumn(column.id)?.toggleSorting()}
                />
              ))}
            </tr>
          </thead>
          <tbody role="rowgroup">
            {table.getRowModel().rows.map((row) => (
              <tr role="row" key={row.id} className={classes.row}>
                {columns.map((column) => (
                  <BodyCell key={column.id} column={column} row={row.original} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

interface HeaderCellProps<Row> {
  column: Column<Row>;
  sorted: 'ascending' | 'descending' | undefined;
  onSort: () => void;
}

function HeaderCell<Row>({ column, sorted, onSort }: HeaderCellProps<Row>) {
  const Symbol = sorted === undefined ? IconArrowsSort : sorted === 'ascending' ? IconArrowUp : IconArrowDown;
  return (
    <th role="columnheader" scope="col" data-align={column.align} {...(sorted && { 'aria-sort': sorted })}>
      {column.value === undefined ? (
        column.header
      ) : (
        <button type="button" className={classes.sort} onClick={onSort}>
          {column.header}
          <Symbol size={14} aria-hidden data-idle={sorted === undefined || undefined} />
        </button>
      )}
    </th>
  );
}

function BodyCell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  if (column.isRowHeader) {
    return (
      <th role="rowheader" scope="row" className={classes.rowHeader}>
        {column.cell(row)}
      </th>
    );
  }
  return (
    <td role="cell" data-align={column.align} data-label={column.header}>
      <span className={classes.value}>{column.cell(row)}</span>
    </td>
  );
}

interface SortChoiceProps<Row> {
  columns: readonly Column<Row>[];
  sorting: { id: string; desc: boolean } | undefined;
  onSort: (sorting: { id: string; desc: boolean }) => void;
}

/** On a phone the headings are gone: the order is chosen here. */
function SortChoice<Row>({ columns, sorting, onSort }: SortChoiceProps<Row>) {
  const { t } = useTranslation();
  const sortable = columns.filter(({ value }) => value !== undefined);
  if (sortable.length === 0) return null;
  const options = sortable.flatMap(({ id, header }) => [
    { value: `${id} up`, label: `${header}, ${t('parts.sortAscending')}` },
    { value: `${id} down`, label: `${header}, ${t('parts.sortDescending')}` },
  ]);
  const unsorted = sorting === undefined ? [{ value: '', label: '–' }] : [];
  return (
    <NativeSelect
      className={classes.sortChoice}
      label={t('parts.sortBy')}
      data={[...unsorted, ...options]}
      value={sorting === undefined ? '' : `${sorting.id} ${sorting.desc ? 'down' : 'up'}`}
      onChange={({ currentTarget }) => {
        const [id, direction] = currentTarget.value.split(' ');
        if (id) onSort({ id, desc: direction === 'down' });
      }}
    />
  );
}
