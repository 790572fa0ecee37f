import { Modal, type ModalProps } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './dialog.module.css';

interface FormDialogProps extends Pick<ModalProps, 'opened' | 'onClose' | 'children' | 'size' | 'closeOnEscape'> {
  title: string;
}

/**
 * A dialog: names itself, traps the focus and gives it back; a click beside it does not lose what was typed. Put
 * together from its parts, since the whole one's `<header>` would be a second banner of the page.
 */
export function FormDialog({ title, children, size = 'lg', closeOnEscape = true, opened, onClose }: FormDialogProps) {
  const { t } = useTranslation();
  useFocusGivenBack();
  const behaviour = { opened, onClose, size, closeOnEscape, closeOnClickOutside: false };
  return (
    <Modal.Root {...behaviour} classNames={{ inner: classes.inner, content: classes.content }}>
      <Modal.Overlay backgroundOpacity={0.5} />
      <Modal.Content>
        <div className={classes.head}>
          <Modal.Title className={classes.title}>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t('forms.close')} className={classes.close} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** A dialog is taken away rather than closed, so it gives the focus back to what opened it by itself. */
function useFocusGivenBack(): void {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      setTimeout(() => opener instanceof HTMLElement && opener.isConnected && opener.focus());
    },
    [opener],
  );
}
