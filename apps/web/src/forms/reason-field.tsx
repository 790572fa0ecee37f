import { Textarea, type TextareaProps } from '@mantine/core';

const REASON_MAX = 500;

type ReasonFieldProps = TextareaProps & { label: string };

/** Why somebody does something, in their own words: it is kept with what they did. Needed unless said otherwise. */
export function ReasonField(props: ReasonFieldProps) {
  return <Textarea autosize minRows={2} maxLength={REASON_MAX} withAsterisk {...props} />;
}
