import { useTranslation } from 'react-i18next';
import { NodePicker, NodesPicker } from '../../forms/node-picker.js';
import { Section } from '../../forms/section.js';
import type { TrialForm } from './drafts.js';

/** Who owns the trial and where it runs. */
export function WhoSection({ form, isOwnerFixed = false }: { form: TrialForm; isOwnerFixed?: boolean }) {
  const { t } = useTranslation();
  return (
    <Section title={t('trials.section.who')} lead={t('trials.section.whoLead')}>
      <NodePicker
        label={t('trials.field.owner')}
        description={t(isOwnerFixed ? 'trials.field.ownerFixed' : 'trials.field.ownerHint')}
        kinds={['municipality', 'committee', 'department', 'service_area', 'unit']}
        withAsterisk
        disabled={isOwnerFixed}
        {...form.getInputProps('ownerNodeId')}
      />
      <NodesPicker
        label={t('trials.field.participants')}
        description={t('trials.field.participantsHint')}
        kinds={['service_area', 'unit', 'place']}
        {...form.getInputProps('participatingNodeIds')}
      />
    </Section>
  );
}
