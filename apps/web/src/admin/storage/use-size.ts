import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../format.js';

/** Bytes as people read them, in decimal units with one decimal: "12,3 MB". */
export function useSize(): (bytes: number) => string {
  const { t } = useTranslation();
  const format = useFormat();
  return useCallback(
    (bytes) => {
      const unit = bytes >= 1e9 ? 'GB' : bytes >= 1e6 ? 'MB' : 'kB';
      const divisor = { kB: 1e3, MB: 1e6, GB: 1e9 }[unit];
      return t(`storage.${unit}`, { size: format.number(bytes / divisor, 1) });
    },
    [t, format],
  );
}
