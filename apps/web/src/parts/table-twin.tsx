import { VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './chart.module.css';
import { useIsScrollable } from './use-is-scrollable.js';

interface TableTwinProps {
  title: string;
  header: readonly string[];
  /** The first cell of a row names it. */
  rows: readonly (readonly ReactNode[])[];
}

/** A chart's figures as a table: the same content for those who cannot, or would rather not, read the drawing. */
export function TableTwin({ title, header, rows }: TableTwinProps) {
  const { t } = useTranslation();
  const { ref, isScrollable } = useIsScrollable();
  const focusable = isScrollable ? { tabIndex: 0, role: 'region', 'aria-label': title } : {};
  return (
    <details className={classes.twin}>
      <summary>
        {t('parts.showAsTable')}
        <VisuallyHidden>: {title}</VisuallyHidden>
      </summary>
      <div className={classes.twinRegion} ref={ref} {...focusable}>
        <table className={classes.twinTable}>
          <thead>
            <tr>
              {header.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...rest], row) => (
              <tr key={row}>
                <th scope="row">{first}</th>
                {rest.map((cell, column) => (
                  <td key={column}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
