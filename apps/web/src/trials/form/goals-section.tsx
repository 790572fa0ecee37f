import { BETTER_WHEN, GOAL_KINDS } from '#domain';
import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { NumberField } from '../../forms/number-field.js';
import { Fields, Section } from '../../forms/section.js';
import { newGoal, type TrialForm } from './drafts.js';
import { ListEditor } from './list-editor.js';

/** What the project should reach, and what its use should bring about. */
export function GoalsSection({ form }: { form: TrialForm }) {
  const { t } = useTranslation();
  return (
    <Section title={t('trials.section.goals')} lead={t('trials.section.goalsLead')}>
      <ListEditor
        count={form.values.goals.length}
        nameOf={(index) => t('trials.goal.name', { number: index + 1 })}
        addLabel={t('trials.goal.add')}
        emptyText={t('trials.goal.none')}
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
      <Textarea label={t('trials.goal.description')} autosize minRows={1} withAsterisk {...form.getInputProps(`${at}.description`)} />
      <Fields>
        <NativeSelect
          label={t('trials.goal.kind')}
          data={GOAL_KINDS.map((value) => ({ value, label: t(`trials.goalKind.${value}`) }))}
          {...form.getInputProps(`${at}.kind`)}
        />
        <TextInput label={t('trials.goal.indicator')} placeholder={t('trials.goal.indicatorHint')} {...form.getInputProps(`${at}.indicator`)} />
      </Fields>
      <Fields>
        <NumberField label={t('trials.goal.baseline')} {...form.getInputProps(`${at}.baseline`)} />
        <NumberField label={t('trials.goal.target')} {...form.getInputProps(`${at}.target`)} />
        <NativeSelect
          label={t('trials.goal.betterWhen')}
          data={BETTER_WHEN.map((value) => ({ value, label: t(`trials.betterWhen.${value}`) }))}
          {...form.getInputProps(`${at}.betterWhen`)}
        />
      </Fields>
    </>
  );
}
