import { ActionIcon, Group, Textarea, TextInput, Tooltip } from '@mantine/core';
import { useTimeout } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

interface CopyFieldProps {
  label: string;
  value: string;
  /** Wraps: for a whole command line. */
  isLong?: boolean;
}

type Field = HTMLInputElement | HTMLTextAreaElement;

const MONO = { input: { fontFamily: 'ui-monospace, monospace' } };
const COPIED_MS = 2_500;

/** A text to take along: selects itself on focus, and copies with a button that says when it has. */
export function CopyField({ label, value, isLong = false }: CopyFieldProps) {
  const field = useRef<Field>(null);
  const onFocus = () => field.current?.select();
  const shown = { label, value, readOnly: true, flex: 1, styles: MONO, onFocus };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-end">
      {isLong ? (
        <Textarea {...shown} autosize minRows={2} ref={(element) => void (field.current = element)} />
      ) : (
        <TextInput {...shown} ref={(element) => void (field.current = element)} />
      )}
      <CopyAction label={label} onCopy={() => copy(value, field.current)} />
    </Group>
  );
}

/** The clipboard is only there over https and on one's own machine; elsewhere the selected field is copied. */
async function copy(value: string, field: Field | null): Promise<void> {
  if (window.isSecureContext) return navigator.clipboard.writeText(value);
  field?.select();
  document.execCommand('copy');
}

function CopyAction({ label, onCopy }: { label: string; onCopy: () => Promise<void> }) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  const { start } = useTimeout(() => setCopied(false), COPIED_MS);
  const text = isCopied ? t('forms.copied') : t('forms.copy', { label });
  const press = async (): Promise<void> => {
    await onCopy();
    setCopied(true);
    start();
  };
  return (
    <Tooltip label={text}>
      <ActionIcon variant="default" size={36} onClick={() => void press()} aria-label={text} aria-live="polite">
        {isCopied ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
