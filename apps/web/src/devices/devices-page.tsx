import { DEVICE_LIFECYCLES, type DeviceLifecycle } from '#domain';
import { NativeSelect, Stack } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconFileImport, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../forms/search-field.js';
import { EmptyState } from '../parts/empty-state.js';
import { ErrorNotice } from '../parts/error-notice.js';
import { ButtonLink } from '../parts/links.js';
import { Loading } from '../parts/loading.js';
import { PageTitle } from '../parts/page-title.js';
import { useMay } from '../session.js';
import { DevicesTable } from './devices-table.js';
import { devicesQuery } from './queries.js';

/** The register of devices: where each stands and what is heard of it. */
export function DevicesPage() {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [lifecycle, setLifecycle] = useState<DeviceLifecycle>();
  const [asked] = useDebouncedValue(search, 250);
  const { data, error, refetch } = useQuery(devicesQuery({ search: asked, lifecycle }));
  const isFiltered = asked !== '' || lifecycle !== undefined;
  return (
    <>
      <PageTitle title={t('devices.title')} lead={t('devices.lead')} actions={<Links />} />
      <Stack>
        <SearchField value={search} onChange={setSearch} placeholder={t('devices.searchHint')} total={data?.total}>
          <LifecycleChoice value={lifecycle} onChange={setLifecycle} />
        </SearchField>
        <ErrorNotice error={error} onRetry={() => void refetch()} />
        {data === undefined && error === null && <Loading />}
        {data?.total === 0 && <NoDevices isFiltered={isFiltered} />}
        {data !== undefined && data.total > 0 && <DevicesTable rows={data.rows} caption={t('devices.title')} />}
      </Stack>
    </>
  );
}

function Links() {
  const { t } = useTranslation();
  return (
    <>
      {useMay('usage:enter') && (
        <ButtonLink to="/devices/imports" variant="default" leftSection={<IconFileImport size={18} aria-hidden />}>
          {t('imports.toImports')}
        </ButtonLink>
      )}
      <RegisterLink />
    </>
  );
}

function RegisterLink() {
  const { t } = useTranslation();
  if (!useMay('device:edit')) return null;
  return (
    <ButtonLink to="/devices/new" leftSection={<IconPlus size={18} aria-hidden />}>
      {t('devices.register')}
    </ButtonLink>
  );
}

function NoDevices({ isFiltered }: { isFiltered: boolean }) {
  const { t } = useTranslation();
  const mayEdit = useMay('device:edit');
  if (isFiltered) return <EmptyState title={t('forms.noHits')} text={t('forms.noHitsExplained')} />;
  const text = t(mayEdit ? 'devices.noneExplained' : 'devices.noneReader');
  return <EmptyState title={t('devices.none')} text={text} action={<RegisterLink />} />;
}

interface LifecycleChoiceProps {
  value: DeviceLifecycle | undefined;
  onChange: (value: DeviceLifecycle | undefined) => void;
}

function LifecycleChoice({ value, onChange }: LifecycleChoiceProps) {
  const { t } = useTranslation();
  const options = DEVICE_LIFECYCLES.map((lifecycle) => ({
    value: lifecycle,
    label: t(`words.lifecycle.${lifecycle}`),
  }));
  return (
    <NativeSelect
      label={t('devices.lifecycle')}
      data={[{ value: '', label: t('forms.all') }, ...options]}
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(DEVICE_LIFECYCLES.find((known) => known === currentTarget.value))}
    />
  );
}
