import type { RateView } from '#contracts';
import type { TFunction } from 'i18next';

/** A rate as its own unit writes it, or in words why there is none (rule B8). */
export const rateText = (rate: RateView, t: TFunction, write: (value: number) => string): string =>
  rate.kind === 'value' ? write(rate.value) : t(`benefit.${rate.kind}`);
