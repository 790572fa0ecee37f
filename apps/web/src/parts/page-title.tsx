import { Group, Stack, Text, Title } from '@mantine/core';
import { useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** Where the reader is, and whether they came there from another page: the first page keeps the browser's own start. */
let shownPath: string | undefined;
let hasNavigated = false;

/** A heading takes the focus at a new address, and when it replaces the one that had it while data was fetched. */
function shouldTakeFocus(path: string): boolean {
  const isNew = shownPath !== undefined && shownPath !== path;
  hasNavigated ||= isNew;
  shownPath = path;
  return isNew || (hasNavigated && document.activeElement === document.body);
}

interface PageTitleProps {
  /** Also the document's title. */
  title: string;
  lead?: ReactNode;
  /** Badges after the title. */
  marks?: ReactNode;
  actions?: ReactNode;
}

/** The page's only h1: names the document and takes the focus when one comes from another page. */
export function PageTitle({ title, lead, marks, actions }: PageTitleProps) {
  const { t } = useTranslation();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t('shell.product')}`;
  }, [title, t]);
  useEffect(() => {
    if (shouldTakeFocus(path)) heading.current?.focus();
  }, [path]);
  return (
    <Group justify="space-between" align="flex-end" gap="md" mb="lg">
      <Stack gap={2} style={{ minWidth: 0 }}>
        <Group gap="sm">
          <Title order={1} fz={{ base: 26, sm: 30 }} ref={heading} tabIndex={-1}>
            {title}
          </Title>
          {marks}
        </Group>
        {lead !== undefined && (
          <Text component="div" c="dimmed">
            {lead}
          </Text>
        )}
      </Stack>
      {actions !== undefined && <Group gap="sm">{actions}</Group>}
    </Group>
  );
}
