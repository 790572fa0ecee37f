import { useTranslation } from 'react-i18next';
import { NodePicker, NodesPicker } from '../../forms/node-picker.js';
import { Section } from '../../forms/section.js';
import type { TrialForm } from './drafts.js';
import { redrawnBy } from './redrawn-by.js';

/** Who owns the trial and where it runs. */
export const WhoSection = redrawnBy(['ownerNodeId', 'participatingNodeIds'], DrawWhoSection);

function DrawWhoSection({ form, isOwnerFixed = false }: { form: TrialForm; isOwnerFixed?: boolean }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plan.section.who')} lead={t('plan.section.whoLead')}>
      <NodePicker
        label={t('plan.field.owner')}
        description={t(isOwnerFixed ? 'plan.field.ownerFixed' : 'plan.field.ownerHint')}
        kinds={['municipality', 'committee', 'department', 'service_area', 'unit']}
        withAsterisk
        readOnly={isOwnerFixed}
        {...form.getInputProps('ownerNodeId')}
      />
      <NodesPicker
        label={t('plan.field.participants')}
        description={t('plan.field.participantsHint')}
        kinds={['service_area', 'unit', 'place']}
        {...form.getInputProps('participatingNodeIds')}
      />
    </Section>
  );
}
