import type { DeviceView, StoredUsageView } from '#contracts';
import { FAMILIES, type Metric, type UsageDecision } from '#domain';
import { Button, Group, NativeSelect, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../format.js';
import { Fields } from '../forms/section.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { Loading } from '../parts/loading.js';
import { usagesQuery } from './queries.js';
import { nameOf, UsagesTable } from './usages-table.js';

const CorrectChosen = lazy(() => import('./correct-chosen.js'));
const CorrectPeriod = lazy(() => import('./correct-period.js'));

const STEP = 25;
const SHOWN_MAX = 500;
/** What a dialog is open for. */
type Asked = UsageDecision | 'period' | null;

/** A device's latest usages, where those that are none can be set aside and taken back, some or a whole time of them. */
export function UsageList({ device }: { device: DeviceView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [filter, setFilter] = useState<Filter>({ only: '', metric: '' });
  const [limit, setLimit] = useState(STEP);
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const wanted = { limit, ...(filter.metric && { metric: filter.metric }), ...(filter.only && { only: filter.only }) };
  const { data, error, refetch } = useQuery(usagesQuery(device.id, wanted, names.size > 0));
  const rows = data?.rows ?? [];
  const toggle = (name: string): void =>
    setNames(new Set(names.has(name) ? [...names].filter((one) => one !== name) : [...names, name]));
  return (
    <>
      <Title order={3} size="h5">
        {t('corrections.usages')}
      </Title>
      <FilterFields filter={filter} device={device} onChange={setFilter} />
      <Actions
        device={device}
        chosen={rows.filter((row) => names.has(nameOf(row)))}
        onAll={() => setNames(new Set(rows.map(nameOf)))}
        onDone={() => setNames(new Set())}
      />
      <ErrorNotice error={error} onRetry={() => void refetch()} />
      {data === undefined && error === null && <Loading />}
      {data?.rows.length === 0 && (
        <Text c="dimmed">{t(filter.only ? 'corrections.noneSetAside' : 'corrections.none')}</Text>
      )}
      {rows.length > 0 && <UsagesTable device={device} rows={rows} chosen={names} onToggle={toggle} />}
      {data?.hasMore && limit < SHOWN_MAX && (
        <Group justify="center">
          <Button variant="default" onClick={() => setLimit(Math.min(limit * 2, SHOWN_MAX))}>
            {t('forms.showMore')}
          </Button>
        </Group>
      )}
      {data?.keptFrom && (
        <Text size="sm" c="dimmed">
          {t('corrections.kept', { since: format.dateTime(data.keptFrom) })}
        </Text>
      )}
    </>
  );
}

interface Filter {
  only: '' | 'set_aside';
  metric: string;
}

interface FilterFieldsProps {
  filter: Filter;
  device: DeviceView;
  onChange: (filter: Filter) => void;
}

function FilterFields({ filter, device, onChange }: FilterFieldsProps) {
  const { t } = useTranslation();
  const { locale } = useFormat();
  const metrics: readonly Metric[] = FAMILIES[device.family].metrics;
  return (
    <Fields>
      <NativeSelect
        label={t('corrections.show')}
        data={[
          { value: '', label: t('corrections.latest') },
          { value: 'set_aside', label: t('corrections.setAsideOnly') },
        ]}
        value={filter.only}
        onChange={({ currentTarget: { value } }) =>
          onChange({ ...filter, only: value === 'set_aside' ? 'set_aside' : '' })
        }
      />
      <NativeSelect
        label={t('corrections.metric')}
        data={[
          { value: '', label: t('forms.all') },
          ...metrics.map(({ name, label }) => ({ value: name, label: label[locale] })),
        ]}
        value={filter.metric}
        onChange={({ currentTarget }) => onChange({ ...filter, metric: currentTarget.value })}
      />
    </Fields>
  );
}

interface ActionsProps {
  device: DeviceView;
  chosen: StoredUsageView[];
  onAll: () => void;
  onDone: () => void;
}

function Actions({ device, chosen, onAll, onDone }: ActionsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asked, setAsked] = useState<Asked>(null);
  const [done, setDone] = useState('');
  const usages = (decided: UsageDecision) =>
    chosen.filter(({ isSetAside }) => isSetAside === (decided === 'taken_back'));
  const end = (decided: UsageDecision, changed: number): void => {
    setDone(t(`corrections.done.${decided}`, { count: changed, amount: format.number(changed) }));
    onDone();
  };
  const close = (): void => setAsked(null);
  const count = t('corrections.chosen', { count: chosen.length, amount: format.number(chosen.length) });
  return (
    <>
      <Group gap="sm" className="no-print">
        <Button variant="default" onClick={onAll}>
          {t('corrections.chooseShown')}
        </Button>
        {(['set_aside', 'taken_back'] as const).map((decided) => (
          <Button
            key={decided}
            variant="default"
            disabled={usages(decided).length === 0}
            onClick={() => setAsked(decided)}
          >
            {t(`corrections.action.${decided}`)}
          </Button>
        ))}
        <Button variant="default" onClick={() => setAsked('period')}>
          {t('corrections.period')}
        </Button>
        <Text size="sm" role="status">
          {chosen.length > 0 ? count : done}
        </Text>
      </Group>
      <Suspense fallback={null}>
        {asked === 'period' && <CorrectPeriod device={device} onClose={close} onDone={end} />}
        {asked !== null && asked !== 'period' && (
          <CorrectChosen device={device} decided={asked} usages={usages(asked)} onClose={close} onDone={end} />
        )}
      </Suspense>
    </>
  );
}
