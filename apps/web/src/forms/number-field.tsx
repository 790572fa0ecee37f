import { NumberInput, type NumberInputProps } from '@mantine/core';
import { useState } from 'react';
import { useFormat } from '../format.js';

interface NumberFieldProps extends Omit<NumberInputProps, 'value' | 'onChange' | 'defaultValue' | 'type'> {
  value?: number | null;
  onChange?: (value: number | null) => void;
  /** Written after the number: "min", "%". */
  unit?: string;
  /** What is stored for each one shown: 100 öre to a krona, 0.01 of a share to a per cent. */
  storedPerShown?: number;
}

/** Shares and amounts are shown in steps of a hundredth; this takes away what binary fractions add. */
const tidy = (value: number): number => Number(value.toFixed(6));

/** What is being typed may be no number yet, as "0," on the way to "0,3". */
type Typed = number | string;

const numberOf = (typed: Typed): number | null => (typed === '' || Number.isNaN(Number(typed)) ? null : Number(typed));

/** A number as it is read, with its unit; empty is `null`. Comma and point both separate decimals. */
export function NumberField({ value = null, onChange, unit, storedPerShown = 1, ...props }: NumberFieldProps) {
  const { locale } = useFormat();
  const [typed, setTyped] = useState<Typed>('');
  const storedOf = (shown: Typed): number | null => {
    const number = numberOf(shown);
    return number === null ? null : tidy(number * storedPerShown);
  };
  // What was typed stands as typed for as long as it means the value; a value from elsewhere takes its place.
  const shown = storedOf(typed) === value ? typed : value === null ? '' : tidy(value / storedPerShown);
  const change = (next: Typed): void => {
    setTyped(next);
    onChange?.(storedOf(next));
  };
  return (
    <NumberInput
      hideControls
      allowedDecimalSeparators={[',', '.']}
      decimalSeparator={locale === 'sv' ? ',' : '.'}
      thousandSeparator={'\u202f'}
      decimalScale={2}
      clampBehavior="none"
      inputMode="decimal"
      {...(unit !== undefined && { suffix: `\u202f${unit}` })}
      {...props}
      value={shown}
      onChange={change}
    />
  );
}

/** Kronor on the screen, whole öre in the form. */
export function KronorField(props: NumberFieldProps) {
  return <NumberField unit="kr" allowNegative={false} storedPerShown={100} {...props} />;
}

/** Per cent on the screen, a share 0..1 in the form. */
export function PercentField(props: NumberFieldProps) {
  return <NumberField unit="%" allowNegative={false} storedPerShown={0.01} {...props} />;
}
