import { Paper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import classes from './stream-bars.module.css';
import type { Streams } from './streams.js';

const STREAMS = [
  { key: 'planned', of: (streams: Streams) => streams.plannedOre },
  { key: 'potential', of: (streams: Streams) => streams.potentialOre },
  { key: 'realised', of: (streams: Streams) => streams.realisedOre },
] as const;

/** Plan, measured potential and realised of one category, side by side on one scale. */
export function StreamBars({ streams }: { streams: Streams }) {
  const { t } = useTranslation();
  const format = useFormat();
  const longest = Math.max(1, ...STREAMS.map(({ of }) => Math.abs(of(streams) ?? 0)));
  return (
    <Paper withBorder className={classes.card}>
      <Text fw={600} component="h3" size="md" m={0}>
        {t(`words.category.${streams.category}`)}
      </Text>
      <dl className={classes.streams}>
        {STREAMS.map(({ key, of }) => {
          const ore = of(streams);
          return (
            <div key={key} className={classes.stream}>
              <dt>{t(`benefit.${key}`)}</dt>
              <dd>{ore === null ? t('benefit.notMeasured') : format.kronor(ore)}</dd>
              <dd aria-hidden className={classes.track}>
                {ore !== null && ore !== 0 && (
                  <span
                    className={classes.bar}
                    data-stream={key}
                    data-negative={ore < 0 || undefined}
                    style={{ width: `${(Math.abs(ore) / longest) * 100}%` }}
                  />
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </Paper>
  );
}
