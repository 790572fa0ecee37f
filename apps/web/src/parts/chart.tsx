import { useElementSize } from '@mantine/hooks';
import type { ReactNode } from 'react';
import classes from './chart.module.css';

interface ChartProps {
  title: string;
  /** What the drawing shows, in a sentence. */
  summary: string;
  height: number;
  legend?: ReactNode;
  /** Draws for a width in pixels, so that texts keep their size on any screen. */
  children: (width: number) => ReactNode;
  twin: ReactNode;
}

/** A drawing with its title, a sentence that says what it shows, and its table twin. */
export function Chart({ title, summary, height, legend, children, twin }: ChartProps) {
  const { ref, width } = useElementSize<HTMLDivElement>();
  return (
    <figure className={classes.chart}>
      <figcaption className={classes.title}>{title}</figcaption>
      {legend}
      <div ref={ref} style={{ minHeight: height }}>
        {width > 0 && (
          <svg role="img" aria-label={summary} viewBox={`0 0 ${width} ${height}`} className={classes.drawing}>
            {children(width)}
          </svg>
        )}
      </div>
      {twin}
    </figure>
  );
}
