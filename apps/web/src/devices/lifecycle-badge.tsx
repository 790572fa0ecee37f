import type { DeviceLifecycle } from '#domain';
import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './lifecycle-badge.module.css';

/** Where a device stands in its life, in words; the colour only repeats it. */
export function LifecycleBadge({ lifecycle }: { lifecycle: DeviceLifecycle }) {
  const { t } = useTranslation();
  return (
    <Badge variant="default" radius="sm" className={classes.badge} data-lifecycle={lifecycle}>
      {t(`words.lifecycle.${lifecycle}`)}
    </Badge>
  );
}
