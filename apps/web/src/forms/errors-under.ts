import type { FormErrors } from '@mantine/form';

/** The errors left when everything at or below a path has been written anew. */
export const withoutErrorsUnder = (errors: FormErrors, path: string): FormErrors =>
  Object.fromEntries(Object.entries(errors).filter(([field]) => field !== path && !field.startsWith(`${path}.`)));
