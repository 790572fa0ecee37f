import type { PlaceDevice } from '#contracts';
import { ARMS, PURPOSES, type Arm, type Purpose } from '#domain';
import { NativeSelect, Select } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { InstantField } from '../forms/instant-field.js';
import { NodePicker } from '../forms/node-picker.js';
import { Fields } from '../forms/section.js';
import { trialsQuery } from '../trials/queries.js';

/** A placement as it is being written. */
export type PlacementDraft = Pick<PlaceDevice, 'replaces'> & {
  deviceId: string | null;
  nodeId: string | null;
  trialId: string | null;
  purpose: Purpose;
  arm: Arm | null;
  startsAt: string | null;
  endsAt: string | null;
};

export const newPlacement = (given: Partial<PlacementDraft>): PlacementDraft => ({
  deviceId: null,
  nodeId: null,
  trialId: null,
  purpose: 'trial',
  arm: null,
  startsAt: new Date().toISOString(),
  endsAt: null,
  replaces: null,
  ...given,
});

const isMeasured = (purpose: Purpose): boolean => purpose === 'trial' || purpose === 'baseline';

interface PlacementFieldsProps {
  form: UseFormReturnType<PlacementDraft>;
  /** Placed from a trial's own page: for that trial, measured. */
  isTrialGiven?: boolean;
}

/** Where, why, in which trial and when; trial and arm are asked for only where they mean something. */
export function PlacementFields({ form, isTrialGiven = false }: PlacementFieldsProps) {
  const { t } = useTranslation();
  const { purpose } = form.values;
  const setPurpose = (next: Purpose): void => {
    form.setFieldValue('purpose', next);
    if (isMeasured(next)) return;
    form.setFieldValue('arm', null);
    form.setFieldValue('trialId', null);
  };
  return (
    <>
      <NodePicker
        label={t('placements.where')}
        description={t('placements.whereHint')}
        kinds={['service_area', 'unit', 'place']}
        withAsterisk
        {...form.getInputProps('nodeId')}
      />
      <Fields>
        <NativeSelect
          label={t('placements.purpose')}
          description={t(`placements.purposeHint.${purpose}`)}
          data={PURPOSES.filter((value) => !isTrialGiven || isMeasured(value)).map((value) => ({
            value,
            label: t(`words.purpose.${value}`),
          }))}
          value={purpose}
          error={form.errors['purpose']}
          onChange={({ currentTarget }) => setPurpose(currentTarget.value as Purpose)}
        />
        {isMeasured(purpose) && <ArmChoice form={form} />}
      </Fields>
      {!isTrialGiven && isMeasured(purpose) && <TrialChoice form={form} />}
      <InstantField label={t('placements.from')} required {...form.getInputProps('startsAt')} />
      <InstantField label={t('placements.to')} description={t('placements.toHint')} {...form.getInputProps('endsAt')} />
    </>
  );
}

function ArmChoice({ form }: { form: UseFormReturnType<PlacementDraft> }) {
  const { t } = useTranslation();
  const arms = ARMS.map((value) => ({ value, label: t(`words.arm.${value}`) }));
  return (
    <NativeSelect
      label={t('placements.arm')}
      description={t('placements.armHint')}
      data={[{ value: '', label: t('placements.noArm') }, ...arms]}
      value={form.values.arm ?? ''}
      error={form.errors['arm']}
      onChange={({ currentTarget }) =>
        form.setFieldValue('arm', ARMS.find((arm) => arm === currentTarget.value) ?? null)
      }
    />
  );
}

function TrialChoice({ form }: { form: UseFormReturnType<PlacementDraft> }) {
  const { t } = useTranslation();
  const trials = useQuery(trialsQuery({})).data?.rows ?? [];
  return (
    <Select
      label={t('placements.trial')}
      description={t('placements.trialNeeded')}
      data={trials.map(({ id, code, title }) => ({ value: id, label: `${code} ${title}` }))}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('forms.clear') }}
      nothingFoundMessage={t('forms.nothingFound')}
      withAsterisk
      {...form.getInputProps('trialId')}
    />
  );
}
