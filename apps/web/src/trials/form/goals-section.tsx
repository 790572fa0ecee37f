import { BETTER_WHEN, GOAL_KINDS } from '#domain';
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NumberField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import { newGoal, type TrialForm } from './drafts.js';
import { ListEditor } from './list-editor.js';
import { redrawnBy } from './redrawn-by.js';

/** What the project should reach, and what its use should bring about. */
export const GoalsSection = redrawnBy(['goals'], DrawGoalsSection);

function DrawGoalsSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('plan.section.goals')} lead={t('plan.section.goalsLead')}>
      <ListEditor
        count={form.values.goals.length}
        nameOf={(index) => t('plan.goal.name', { number: index + 1 })}
        addLabel={t('plan.goal.add')}
        emptyText={t('plan.goal.none')}
        onAdd={() => form.insertListItem('goals', newGoal('effect'))}
        onRemove={(index) => form.removeListItem('goals', index)}
      >
        {(index) => <GoalFields form={form} index={index} />}
      </ListEditor>
    </Section>
  );
}

function GoalFields({ form, index }: { form: TrialForm; index: number }) {
  const { t } = useTranslation();
  const at = `goals.${index}` as const;
  return (
    <>
      <Textarea
        label={t('plan.goal.description')}
        autosize
        minRows={1}
        withAsterisk
        {...form.getInputProps(`${at}.description`)}
      />
      <Fields>
        <NativeSelect
          label={t('plan.goal.kind')}
          data={GOAL_KINDS.map((value) => ({ value, label: t(`plan.goalKind.${value}`) }))}
          {...form.getInputProps(`${at}.kind`)}
        />
        <TextInput
          label={t('plan.goal.indicator')}
          placeholder={t('plan.goal.indicatorHint')}
          {...form.getInputProps(`${at}.indicator`)}
        />
      </Fields>
      <Fields>
        <NumberField label={t('plan.goal.baseline')} {...form.getInputProps(`${at}.baseline`)} />
        <NumberField label={t('plan.goal.target')} {...form.getInputProps(`${at}.target`)} />
        <NativeSelect
          label={t('plan.goal.betterWhen')}
          data={BETTER_WHEN.map((value) => ({ value, label: t(`plan.betterWhen.${value}`) }))}
          {...form.getInputProps(`${at}.betterWhen`)}
        />
      </Fields>
    </>
  );
}
