import { useEffect } from 'react';
import { ApiError } from '../api.js';

/** Puts the server's field errors under their fields; what belongs to no field is for the {@link ErrorNotice}. */
export function useFieldErrors(form: { setErrors: (errors: Record<string, string>) => void }, error: unknown): void {
  const { setErrors } = form;
  useEffect(() => {
    if (error instanceof ApiError) setErrors({ ...error.fieldErrors });
  }, [error, setErrors]);
}
