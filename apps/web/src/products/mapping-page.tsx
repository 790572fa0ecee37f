import { mappingsApi, type MappingRuleMessage, type MappingView, type ProductView } from '#contracts';
import { ECOSYSTEMS, FAMILIES, type Ecosystem, type Family } from '#domain';
import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { call } from '../api.js';
import { useFormat } from '../format.js';
import beside from '../forms/preview.module.css';
import { Section } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { NotFoundPage } from '../shell/problem-page.js';
import { ListEditor } from '../trials/form/list-editor.js';
import { draftOf, newRule, type RuleDraft, ruleOf } from './mapping-drafts.js';
import { VersionText } from './mapping-list.js';
import { MappingPreview } from './mapping-preview.js';
import { type MappingProblems, problemAt, useMappingProblems } from './mapping-problems.js';
import { mappingsQuery } from './mapping-queries.js';
import { RuleFields } from './mapping-rule.js';
import classes from './mapping.module.css';
import { productQuery } from './queries.js';

const route = getRouteApi('/shell/products/$id/mappings/$ecosystem');

/** How a product's devices are understood in one ecosystem: the rules, and beside them what they make. */
export function MappingPage() {
  const params = route.useParams();
  const ecosystem = ECOSYSTEMS.find((known) => known === params.ecosystem);
  const product = useQuery(productQuery(params.id));
  const versions = useQuery(mappingsQuery(params.id));
  const error = product.error ?? versions.error;
  if (ecosystem === undefined) return <NotFoundPage />;
  if (error !== null) return <ErrorNotice error={error} onRetry={() => void product.refetch()} />;
  if (product.data === undefined || versions.data === undefined) return <Loading />;
  const own = versions.data.filter((version) => version.ecosystem === ecosystem);
  return <Editor key={own[0]?.version ?? 0} product={product.data} ecosystem={ecosystem} versions={own} />;
}

interface EditorProps {
  product: ProductView;
  ecosystem: Ecosystem;
  /** Newest first. */
  versions: MappingView[];
}

function Editor({ product, ecosystem, versions }: EditorProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const family: Family = FAMILIES[product.family];
  const [drafts, setDrafts] = useState(() => (versions[0]?.rules ?? []).map((rule) => draftOf(rule, family)));
  const [isTold, setTold] = useState(false);
  const rules = drafts.map((draft) =>
    ruleOf(
      draft,
      family.metrics.find(({ name }) => name === draft.metric),
    ),
  );
  const problems = useMappingProblems(family)(rules);
  const isSound = Object.keys(problems).length === 0;
  const add = (field: string): void => setDrafts([...drafts, newRule(family, field)]);
  return (
    <>
      <PageTitle
        title={t('mappings.title', { ecosystem: t(`mappings.ecosystem.${ecosystem}`), model: product.model })}
        lead={t('mappings.lead', { family: family.name[locale] })}
      />
      <div className={beside.layout} data-wide-preview>
        <Stack>
          <Rules family={family} drafts={drafts} problems={isTold ? problems : {}} onChange={setDrafts} />
          <Saving
            of={{ id: product.id, ecosystem, basedOn: versions[0]?.version ?? 0 }}
            rules={isSound ? rules : null}
            onRefused={() => setTold(true)}
          />
          <History versions={versions} />
        </Stack>
        <MappingPreview
          of={{ id: product.id, ecosystem }}
          family={family}
          rules={isSound ? rules : null}
          onUseField={add}
        />
      </div>
    </>
  );
}

interface RulesProps {
  family: Family;
  drafts: RuleDraft[];
  problems: MappingProblems;
  onChange: (drafts: RuleDraft[]) => void;
}

function Rules({ family, drafts, problems, onChange }: RulesProps) {
  const { t } = useTranslation();
  return (
    <Section title={t('mappings.rules')}>
      <ListEditor
        count={drafts.length}
        nameOf={(index) => t('mappings.rule', { number: index + 1 })}
        addLabel={t('mappings.addRule')}
        emptyText={t('mappings.noRulesYet')}
        onAdd={() => onChange([...drafts, newRule(family)])}
        onRemove={(index) => onChange(drafts.filter((_, other) => other !== index))}
      >
        {(index) => {
          const rule = drafts[index];
          return (
            rule !== undefined && (
              <RuleFields
                family={family}
                rule={rule}
                errorAt={(field) => problemAt(problems, `${index}.${field}`)}
                onChange={(changed) => onChange(drafts.map((draft, other) => (other === index ? changed : draft)))}
              />
            )
          );
        }}
      </ListEditor>
    </Section>
  );
}

interface SavingProps {
  of: { id: string; ecosystem: Ecosystem; basedOn: number };
  /** Null while they have a problem. */
  rules: MappingRuleMessage[] | null;
  onRefused: () => void;
}

/** After the problems have been drawn. */
function focusFirstProblem(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}

function Saving({ of: { id, ecosystem, basedOn }, rules, onRefused }: SavingProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const leave = () => void navigate({ to: '/products/$id', params: { id } });
  const saving = useMutation({
    mutationFn: (body: MappingRuleMessage[]) =>
      call(mappingsApi.edit, { params: { id, ecosystem }, body: { rules: body, basedOn } }),
    onSuccess: () => {
      leave();
      return queryClient.invalidateQueries({ queryKey: ['products', id] });
    },
  });
  const save = (): void => {
    if (rules !== null) return saving.mutate(rules);
    onRefused();
    focusFirstProblem();
  };
  return (
    <>
      <ErrorNotice error={saving.error} />
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={leave}>
          {t('forms.cancel')}
        </Button>
        <Button loading={saving.isPending} onClick={save}>
          {t('forms.save')}
        </Button>
      </Group>
    </>
  );
}

function History({ versions }: { versions: MappingView[] }) {
  const { t } = useTranslation();
  if (versions.length === 0) return null;
  return (
    <details>
      <summary>{t('mappings.history')}</summary>
      <ul className={classes.plain}>
        {versions.map((version) => (
          <li key={version.version}>
            <Text size="sm">
              <VersionText mapping={version} /> · {t('mappings.rulesOf', { count: version.rules.length })}
            </Text>
          </li>
        ))}
      </ul>
    </details>
  );
}
