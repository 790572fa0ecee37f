import { ECOSYSTEMS, type Ecosystem, USUAL_PREFIXES } from '#domain';
import { NativeSelect, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { NodePicker } from '../forms/node-picker.js';
import { OptionalText } from '../forms/optional-text.js';
import { Fields } from '../forms/section.js';

/** A gateway as it is being written. */
export type GatewayDraft = {
  ownerNodeId: string | null;
  name: string;
  ecosystem: Ecosystem;
  topicPrefix: string | null;
};

interface GatewayFieldsProps {
  form: UseFormReturnType<GatewayDraft>;
  /** A registered gateway stays in its system. */
  isNew: boolean;
}

export function GatewayFields({ form, isNew }: GatewayFieldsProps) {
  const { t } = useTranslation();
  const usual = USUAL_PREFIXES[form.values.ecosystem];
  return (
    <>
      <Fields>
        <TextInput
          label={t('gateways.name')}
          description={t('gateways.nameHint')}
          withAsterisk
          {...form.getInputProps('name')}
        />
        {isNew && (
          <NativeSelect
            label={t('gateways.ecosystem')}
            description={t('gateways.ecosystemHint')}
            data={ECOSYSTEMS.map((value) => ({ value, label: t(`mappings.ecosystem.${value}`) }))}
            {...form.getInputProps('ecosystem')}
          />
        )}
      </Fields>
      <NodePicker label={t('gateways.owner')} withAsterisk {...form.getInputProps('ownerNodeId')} />
      <OptionalText
        label={t('gateways.prefix')}
        description={
          usual === null
            ? t('gateways.prefixNone')
            : t('gateways.prefixHint', { usual: usual || t('gateways.nothingBefore') })
        }
        disabled={usual === null}
        {...form.getInputProps('topicPrefix')}
      />
    </>
  );
}
