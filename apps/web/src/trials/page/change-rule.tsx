import { trialsApi, type BenefitLineView, type CallOf, type RuleView, type TrialView } from '#contracts';
import { isFrozen } from '#domain';
import { Alert, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { call } from '../../api.js';
import { FormDialog } from '../../forms/dialog.js';
import { withoutErrorsUnder } from '../../forms/errors-under.js';
import { Form } from '../../forms/form.js';
import { useProblemsOf } from '../../forms/problems.js';
import { ReasonField } from '../../forms/reason-field.js';
import { trialsApi as forms } from '../../forms/schemas.js';
import type { RuleDraft } from '../form/drafts.js';
import { RuleFields } from '../form/rule-fields.js';

type Body = CallOf<typeof trialsApi.changeRule>['body'];
type Draft = { rule: RuleDraft; reason: string };

interface ChangeRuleProps {
  trial: TrialView;
  line: BenefitLineView;
  onClose: () => void;
}

function ruleDraftOf({
  id: _id,
  version: _version,
  reason: _reason,
  createdAt: _createdAt,
  ...rule
}: RuleView): RuleDraft {
  return rule;
}

/** A new version of a line's rule; from the approval on it must say why, and judgement shows both (rule B10). */
export default function ChangeRule({ trial, line, onClose }: ChangeRuleProps) {
  const { rule } = line;
  return rule === null ? null : <NewVersion trial={trial} line={line} rule={rule} onClose={onClose} />;
}

function NewVersion({ trial, line, rule, onClose }: ChangeRuleProps & { rule: RuleView }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const isReasonNeeded = isFrozen(trial.stage);
  const problemsOf = useProblemsOf(forms.changeRule.body);
  const form = useForm<Draft>({
    initialValues: { rule: ruleDraftOf(rule), reason: '' },
    validate: (draft) => ({
      ...(isReasonNeeded && draft.reason.trim() === '' && { reason: t('errors.code.reason_required') }),
      ...problemsOf(draft),
    }),
  });
  const saving = useMutation({
    mutationFn: (draft: Draft) =>
      call(trialsApi.changeRule, { params: { id: trial.id, lineId: line.id }, body: draft as Body }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ['trials'] });
      onClose();
    },
  });
  return (
    <FormDialog opened onClose={onClose} size="xl" title={t('benefitPlan.rule.changeTitle', { name: line.name })}>
      <Form
        form={form}
        saving={saving}
        submitLabel={t('benefitPlan.rule.saveVersion', { version: rule.version + 1 })}
        onCancel={onClose}
      >
        {isReasonNeeded && (
          <Alert variant="outline" color="orange">
            <Text size="sm">{t('benefitPlan.rule.frozen')}</Text>
          </Alert>
        )}
        <RuleFields
          family={trial.family}
          rule={form.values.rule}
          errorOf={(field) => form.errors[`rule.${field}`]}
          onChange={(next) => {
            form.setFieldValue('rule', next);
            form.setErrors((errors) => withoutErrorsUnder(errors, 'rule'));
          }}
        />
        <ReasonField
          label={t('forms.reason')}
          description={t(isReasonNeeded ? 'benefitPlan.rule.reasonHint' : 'forms.optional')}
          withAsterisk={isReasonNeeded}
          maxLength={1000}
          {...form.getInputProps('reason')}
        />
      </Form>
    </FormDialog>
  );
}
