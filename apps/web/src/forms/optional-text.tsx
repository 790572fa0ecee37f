import { TextInput, type TextInputProps } from '@mantine/core';

interface OptionalTextProps extends Omit<TextInputProps, 'value' | 'onChange' | 'defaultValue'> {
  value?: string | null;
  onChange?: (value: string | null) => void;
}

/** A text that may be unknown: empty is `null`. */
export function OptionalText({ value, onChange, ...props }: OptionalTextProps) {
  return (
    <TextInput
      {...props}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange?.(currentTarget.value || null)}
    />
  );
}
