import { Alert, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LiveStatus as Status } from '../live.js';
import { Age } from '../parts/age.js';
import classes from './live-status.module.css';

/** Connecting takes a moment: only what lasts is worth a banner. */
const PATIENCE_MS = 3_000;

function useHasLasted(isSo: boolean): boolean {
  const [hasLasted, setHasLasted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setHasLasted(isSo), isSo ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isSo && hasLasted;
}

/** Whether the figures come by themselves, and how old they are. */
export function LiveStatus({ status, asOf }: { status: Status; asOf: string }) {
  const { t } = useTranslation();
  return (
    <Group gap={8} component="span" className={`${classes.status} no-print`}>
      <span className={classes.lamp} data-live={status === 'live' || undefined} aria-hidden />
      <Text span size="sm">
        {t(status === 'live' ? 'live.status.live' : 'live.status.connecting')} · <Age at={asOf} />
      </Text>
    </Group>
  );
}

/** Stands above the page while the connection is broken. */
export function ReconnectBanner({ status }: { status: Status }) {
  const { t } = useTranslation();
  const isShown = useHasLasted(status === 'interrupted');
  return (
    <div role="status">
      {isShown && (
        <Alert
          color="orange"
          variant="outline"
          mb="md"
          icon={<IconPlugConnectedX aria-hidden />}
          className={classes.banner}
        >
          {t('live.status.fallback')}
        </Alert>
      )}
    </div>
  );
}
