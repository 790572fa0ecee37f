import { Paper, Stack, Text, Title } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Nothing to show, and what to do about it. `order` is the heading's level in the page. */
export function EmptyState({
  title,
  text,
  action,
  order = 2,
}: {
  title: string;
  text?: string;
  action?: ReactNode;
  order?: 2 | 3;
}) {
  return (
    <Paper withBorder p="xl">
      <Stack align="center" gap="xs" ta="center">
        <IconInbox size={36} stroke={1.25} aria-hidden />
        <Title order={order} size="h4">
          {title}
        </Title>
        {text !== undefined && (
          <Text c="dimmed" maw={520}>
            {text}
          </Text>
        )}
        {action}
      </Stack>
    </Paper>
  );
}
