import { trialsApi, type CallOf, type TrialView } from '#contracts';
import { Alert, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { Form } from '../../forms/form.js';
import beside from '../../forms/preview.module.css';
import { EditTrial } from '../../forms/schemas.js';
import { ErrorNotice } from '../../parts/error-notice.js';
import { Loading } from '../../parts/loading.js';
import { PageTitle } from '../../parts/page-title.js';
import { trialQuery } from '../queries.js';
import { CostsSection } from './costs-section.js';
import type { TrialDraft } from './drafts.js';
import { GoalsSection } from './goals-section.js';
import { NeedSection } from './need-section.js';
import { Preview } from './preview.js';
import { useTrialForm } from './use-trial-form.js';
import { WhenSection } from './when-section.js';
import { WhoSection } from './who-section.js';

type Body = CallOf<typeof trialsApi.edit>['body'];

const route = getRouteApi('/shell/trials/$id/edit');

export function EditTrialPage() {
  const { id } = route.useParams();
  // Fetched once, before writing begins: what is being written must not be pulled away by a later answer.
  const { data, error, refetch, isFetchedAfterMount } = useQuery({
    ...trialQuery(id),
    staleTime: Infinity,
    refetchOnMount: 'always',
  });
  if (data === undefined || !isFetchedAfterMount)
    return error === null ? <Loading /> : <ErrorNotice error={error} onRetry={() => void refetch()} />;
  return <EditTrialForm key={data.revision} trial={data} />;
}

const withoutId = <Row extends { id: string }>({ id: _, ...row }: Row): Omit<Row, 'id'> => row;

function draftOf(trial: TrialView): TrialDraft {
  const goals = trial.goals.map(withoutId);
  const costs = trial.costs.map(withoutId);
  const benefits = trial.benefits.map(({ id: _, rule: _rule, ...line }) => ({ ...line, rule: null }));
  const { title, need, family, productId, ownerNodeId, participatingNodeIds, initiativeType, caseReference } = trial;
  const { plannedStartsOn, plannedEndsOn, investmentOn, horizonYears, discountRate } = trial;
  const what = { title, need, family, productId, ownerNodeId, participatingNodeIds, initiativeType, caseReference };
  return { ...what, plannedStartsOn, plannedEndsOn, investmentOn, horizonYears, discountRate, goals, costs, benefits };
}

/** The plan but its benefit lines: their rules change by version, on the plan's page. */
function bodyOf(
  { family: _family, ownerNodeId: _owner, benefits: _benefits, ...plan }: TrialDraft,
  revision: number,
): Body {
  return { ...plan, revision } as Body;
}

function EditTrialForm({ trial }: { trial: TrialView }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { id, revision } = trial;
  const form = useTrialForm(EditTrial.omit({ revision: true }), draftOf(trial));
  const leave = () => void navigate({ to: '/trials/$id', params: { id } });
  const saving = useMutation({
    mutationFn: (draft: TrialDraft) => call(trialsApi.edit, { params: { id }, body: bodyOf(draft, revision) }),
    onSuccess: async (saved) => {
      leave();
      queryClient.setQueryData(trialQuery(id).queryKey, saved);
      await queryClient.invalidateQueries({ queryKey: ['trials'] });
    },
  });
  return (
    <>
      <PageTitle title={t('trials.editTitle', { title: trial.title })} lead={trial.code} />
      <div className={beside.layout}>
        <Form form={form} saving={saving} submitLabel={t('forms.save')} onCancel={leave}>
          <Alert variant="outline" color="blue" icon={<IconInfoCircle aria-hidden />}>
            <Text size="sm">{t('trials.editHint')}</Text>
          </Alert>
          <NeedSection form={form} isFamilyFixed />
          <WhoSection form={form} isOwnerFixed />
          <WhenSection form={form} />
          <GoalsSection form={form} />
          <CostsSection form={form} />
        </Form>
        <Preview form={form} />
      </div>
    </>
  );
}
