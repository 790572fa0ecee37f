import type { UseFormReturnType } from '@mantine/form';
import { useEffect, useState } from 'react';
import { useSession } from '../session.js';

function read<Values>(key: string): Values | null {
  const stored = sessionStorage.getItem(key);
  return stored === null ? null : (JSON.parse(stored) as Values);
}

/**
 * Keeps what is typed in this tab until it is saved, so that a log-in in between, a reload or a wrong click loses
 * nothing. One draft a form and person; `forget` when it is saved or thrown away.
 */
export function useDraft<Values>(
  form: UseFormReturnType<Values>,
  name: string,
): { isRestored: boolean; forget: () => void } {
  const key = `nyttospar.draft.${useSession().user.id}.${name}`;
  const [draft] = useState(() => read<Values>(key));
  const [isRestored, setRestored] = useState(draft !== null);
  const { setValues, values } = form;
  useEffect(() => {
    if (draft !== null) setValues(draft as Partial<Values>);
  }, [draft, setValues]);
  const isDirty = form.isDirty();
  useEffect(() => {
    if (isDirty) sessionStorage.setItem(key, JSON.stringify(values));
  }, [values, key, isDirty]);
  const forget = (): void => {
    sessionStorage.removeItem(key);
    setRestored(false);
  };
  return { isRestored, forget };
}
