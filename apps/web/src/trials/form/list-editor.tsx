import { ActionIcon, Button, Stack, Text, Tooltip } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './list-editor.module.css';

interface ListEditorProps {
  count: number;
  /** "Mål 2". */
  nameOf: (index: number) => string;
  addLabel: string;
  emptyText: string;
  onAdd: () => void;
  onRemove: (index: number) => void;
  children: (index: number) => ReactNode;
}

/** Rows that can be added and taken away, each a group with its own name; after taking one away one stands at "add". */
export function ListEditor({ count, nameOf, addLabel, emptyText, onAdd, onRemove, children }: ListEditorProps) {
  const { t } = useTranslation();
  const adder = useRef<HTMLButtonElement>(null);
  const remove = (index: number): void => {
    onRemove(index);
    adder.current?.focus();
  };
  return (
    <Stack>
      {count === 0 && <Text c="dimmed">{emptyText}</Text>}
      {Array.from({ length: count }, (_, index) => (
        <fieldset key={index} className={classes.item}>
          <legend className={classes.legend}>{nameOf(index)}</legend>
          <Tooltip label={t('forms.remove', { what: nameOf(index) })}>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={32}
              className={classes.remove}
              aria-label={t('forms.remove', { what: nameOf(index) })}
              onClick={() => remove(index)}
            >
              <IconTrash size={18} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Stack>{children(index)}</Stack>
        </fieldset>
      ))}
      <div>
        <Button ref={adder} variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={onAdd}>
          {addLabel}
        </Button>
      </div>
    </Stack>
  );
}
