import type { UseFormReturnType } from '@mantine/form';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useProblemsOf } from '../forms/problems.js';
import { PlaceDevice } from '../forms/schemas.js';
import type { PlacementDraft } from './placement-fields.js';

/** The contract's checks, and the two that need more than one field (rule `placement_needs_trial`, `placement_times`). */
export function usePlacementForm(initialValues: PlacementDraft): UseFormReturnType<PlacementDraft> {
  const { t } = useTranslation();
  const problemsOf = useProblemsOf(PlaceDevice.required({ startsAt: true }));
  return useForm<PlacementDraft>({
    initialValues,
    validate: (draft) => {
      const needsTrial = (draft.purpose === 'trial' || draft.purpose === 'baseline') && draft.trialId === null;
      const isReversed =
        Boolean(draft.endsAt) && Boolean(draft.startsAt) && (draft.endsAt ?? '') <= (draft.startsAt ?? '');
      return {
        ...(needsTrial && { trialId: t('errors.code.placement_needs_trial') }),
        ...(isReversed && { endsAt: t('errors.code.placement_times') }),
        ...problemsOf(draft),
      };
    },
  });
}
