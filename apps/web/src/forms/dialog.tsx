import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A dialog: names itself, traps the focus and gives it back; a click beside it does not lose what was typed. */
export function FormDialog({ children, ...props }: ModalProps) {
  const { t } = useTranslation();
  return (
    <Modal
      centered
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': t('forms.close') }}
      overlayProps={{ backgroundOpacity: 0.5 }}
      {...props}
    >
      {children}
    </Modal>
  );
}
