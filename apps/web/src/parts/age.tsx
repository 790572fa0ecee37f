import { useCallback, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the whole page; it stands still while nobody shows an age. */
function everySecond(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => listeners.forEach((tell) => tell()), 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** How old something is, in the coarsest unit that still says something; seconds in steps of five, to stay calm. */
export function ageOf(
  instant: string,
  nowMs: number,
): { unit: 'now' | 'seconds' | 'minutes' | 'hours' | 'days'; count: number } {
  const seconds = Math.floor((nowMs - Date.parse(instant)) / 1000);
  if (seconds < 5) return { unit: 'now', count: 0 };
  if (seconds < 60) return { unit: 'seconds', count: seconds - (seconds % 5) };
  if (seconds < 3600) return { unit: 'minutes', count: Math.floor(seconds / 60) };
  if (seconds < 48 * 3600) return { unit: 'hours', count: Math.floor(seconds / 3600) };
  return { unit: 'days', count: Math.floor(seconds / 86_400) };
}

/** The age of a value, "2 min sedan", which goes on ageing; the exact time is its title. `null` = never. */
export function Age({ at }: { at: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  // The component is drawn again only when its words change.
  const words = useCallback(() => {
    if (at === null) return t('parts.age.never');
    const { unit, count } = ageOf(at, Date.now());
    return unit === 'now' ? t('parts.age.now') : t(`parts.age.${unit}`, { count });
  }, [at, t]);
  const text = useSyncExternalStore(everySecond, words);
  if (at === null) return <span>{text}</span>;
  return (
    <time dateTime={at} title={format.dateTime(at)}>
      {text}
    </time>
  );
}
