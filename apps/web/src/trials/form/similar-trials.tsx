import type { FamilyCode } from '#domain';
import { Alert, List, Text } from '@mantine/core';
import { IconCopyCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { similarQuery } from '../queries.js';

/** Warns before the same thing is tried twice: which trials of the family or product there are in the municipality. */
export function SimilarTrials({ family, productId }: { family: FamilyCode; productId: string | null }) {
  const { t } = useTranslation();
  const { data = [] } = useQuery(similarQuery(family, productId));
  return (
    <div aria-live="polite">
      {data.length > 0 && (
        <Alert
          variant="outline"
          color="orange"
          icon={<IconCopyCheck aria-hidden />}
          title={t('plan.similar.title', { count: data.length })}
        >
          <Text size="sm" mb="xs">
            {t('plan.similar.text')}
          </Text>
          <List size="sm">
            {data.map(({ id, code, title, ownerNodeName, stage, productName }) => (
              <List.Item key={id}>
                {code} {title} · {[productName, ownerNodeName, t(`words.stage.${stage}`)].filter(Boolean).join(' · ')}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </div>
  );
}
