import type { MappingView, ProductView } from '#contracts';
import { ECOSYSTEMS } from '#domain';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Facts } from '../forms/facts.js';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { TextLink } from '../parts/links.js';
import { useMay } from '../session.js';
import { mappingsQuery } from './mapping-queries.js';

/** In which other systems' words a product's devices are understood. */
export function ProductMappings({ product }: { product: ProductView }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(mappingsQuery(product.id));
  const rows = ECOSYSTEMS.map((ecosystem) => ({
    label: t(`mappings.ecosystem.${ecosystem}`),
    value: (
      <Current
        productId={product.id}
        ecosystem={ecosystem}
        mapping={data?.find((version) => version.ecosystem === ecosystem)}
      />
    ),
  }));
  return (
    <Section title={t('mappings.section')} lead={t('mappings.sectionLead')}>
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      <Facts rows={rows} />
    </Section>
  );
}

interface CurrentProps {
  productId: string;
  ecosystem: MappingView['ecosystem'];
  mapping: MappingView | undefined;
}

function Current({ productId, ecosystem, mapping }: CurrentProps) {
  const { t } = useTranslation();
  const rules = mapping?.rules.length ?? 0;
  return (
    <>
      {rules === 0 ? t('mappings.noRules') : t('mappings.rulesOf', { count: rules })}
      {useMay('product:edit') && (
        <>
          {' '}
          <TextLink
            to="/products/$id/mappings/$ecosystem"
            params={{ id: productId, ecosystem }}
            aria-label={`${t('mappings.edit')} ${t(`mappings.ecosystem.${ecosystem}`)}`}
          >
            {t('mappings.edit')}
          </TextLink>
        </>
      )}
    </>
  );
}

/** Who made a version, and when. */
export function VersionText({ mapping }: { mapping: MappingView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const by = mapping.changedByName ?? t('mappings.somebody');
  return t('mappings.changed', { version: mapping.version, by, at: format.dateTime(mapping.changedAt) });
}
