import { ROLES, type Role } from '#domain';
import { NativeSelect, SegmentedControl, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { InstantField } from '../../forms/instant-field.js';
import { NodePicker } from '../../forms/node-picker.js';
import { useMay } from '../../session.js';
import { trialsQuery } from '../../trials/queries.js';

// A type, since forms want an index signature.
export type GrantDraft = {
  role: Role;
  nodeId: string | null;
  trialId: string | null;
  startsAt: string | undefined;
  endsAt: string | null;
};

export const newGrant = (): GrantDraft => ({
  role: 'technician',
  nodeId: null,
  trialId: null,
  startsAt: undefined,
  endsAt: null,
});

interface GrantFieldsProps {
  grant: GrantDraft;
  errorOf: (field: keyof GrantDraft) => ReactNode;
  onChange: (grant: GrantDraft) => void;
}

/** Which role, on what, and until when. */
export function GrantFields({ grant, errorOf, onChange }: GrantFieldsProps) {
  const { t } = useTranslation();
  return (
    <>
      <NativeSelect
        label={t('admin.users.role')}
        description={t(`admin.users.roleExplained.${grant.role}`)}
        data={ROLES.map((value) => ({ value, label: t(`words.role.${value}`) }))}
        value={grant.role}
        error={errorOf('role')}
        onChange={({ currentTarget }) => onChange({ ...grant, role: currentTarget.value as Role })}
      />
      <Where grant={grant} errorOf={errorOf} onChange={onChange} />
      <InstantField
        label={t('admin.users.from')}
        description={t('admin.users.fromHint')}
        value={grant.startsAt ?? null}
        error={errorOf('startsAt')}
        onChange={(startsAt) => onChange({ ...grant, startsAt: startsAt ?? undefined })}
      />
      <InstantField
        label={t('admin.users.to')}
        description={t('admin.users.toHint')}
        value={grant.endsAt}
        error={errorOf('endsAt')}
        onChange={(endsAt) => onChange({ ...grant, endsAt })}
      />
    </>
  );
}

/** A role holds for a part of the organisation, or for one trial. */
function Where({ grant, errorOf, onChange }: GrantFieldsProps) {
  const { t } = useTranslation();
  const [on, setOn] = useState<'node' | 'trial'>('node');
  const id = useId();
  const change = (next: string): void => {
    setOn(next === 'trial' ? 'trial' : 'node');
    onChange({ ...grant, nodeId: null, trialId: null });
  };
  return (
    <>
      {useMay('trial:read') && (
        <div>
          <span id={id} style={{ fontWeight: 500, fontSize: 'var(--mantine-font-size-sm)' }}>
            {t('admin.users.on')}
          </span>
          <SegmentedControl
            fullWidth
            mt={4}
            aria-labelledby={id}
            value={on}
            onChange={change}
            data={[
              { value: 'node', label: t('admin.users.onNode') },
              { value: 'trial', label: t('admin.users.onTrial') },
            ]}
          />
        </div>
      )}
      {on === 'node' ? (
        <NodePicker
          label={t('admin.users.node')}
          description={t('admin.users.nodeHint')}
          withAsterisk
          value={grant.nodeId}
          error={errorOf('nodeId')}
          onChange={(nodeId) => onChange({ ...grant, nodeId, trialId: null })}
        />
      ) : (
        <TrialChoice grant={grant} errorOf={errorOf} onChange={onChange} />
      )}
    </>
  );
}

function TrialChoice({ grant, errorOf, onChange }: GrantFieldsProps) {
  const { t } = useTranslation();
  const trials = useQuery(trialsQuery({})).data?.rows ?? [];
  return (
    <Select
      label={t('placements.trial')}
      data={trials.map(({ id, code, title }) => ({ value: id, label: `${code} ${title}` }))}
      searchable
      nothingFoundMessage={t('forms.nothingFound')}
      withAsterisk
      value={grant.trialId}
      error={errorOf('trialId') ?? errorOf('nodeId')}
      onChange={(trialId) => onChange({ ...grant, trialId, nodeId: null })}
    />
  );
}
