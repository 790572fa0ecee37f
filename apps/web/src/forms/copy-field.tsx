import { ActionIcon, CopyButton, Group, TextInput, Textarea, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

interface CopyFieldProps {
  label: string;
  value: string;
  /** Wraps: for a whole command line. */
  isLong?: boolean;
}

const MONO = { input: { fontFamily: 'ui-monospace, monospace' } };

/** A text to take along: selects itself on focus, and copies with a button that says when it has. */
export function CopyField({ label, value, isLong = false }: CopyFieldProps) {
  const shown = { label, value, readOnly: true, flex: 1, styles: MONO };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-end">
      {isLong ? (
        <Textarea {...shown} autosize minRows={2} onFocus={({ currentTarget }) => currentTarget.select()} />
      ) : (
        <TextInput {...shown} onFocus={({ currentTarget }) => currentTarget.select()} />
      )}
      <CopyAction label={label} value={value} />
    </Group>
  );
}

function CopyAction({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  return (
    <CopyButton value={value} timeout={2500}>
      {({ copied, copy }) => {
        const text = copied ? t('forms.copied') : t('forms.copy', { label });
        return (
          <Tooltip label={text}>
            <ActionIcon variant="default" size={36} onClick={copy} aria-label={text} aria-live="polite">
              {copied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        );
      }}
    </CopyButton>
  );
}
