import { useForm, type UseFormReturnType } from '@mantine/form';
import type { z } from 'zod';
import { useProblemsOf } from './problems.js';

/** A form whose values are checked by the contract's schema before they are sent; a field's problem goes when it is edited. */
export function useSchemaForm<Values extends Record<string, unknown>>(
  schema: z.ZodType,
  initialValues: Values,
): UseFormReturnType<Values> {
  return useForm<Values>({ initialValues, validate: useProblemsOf(schema) });
}
