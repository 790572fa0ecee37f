import { useEffect } from 'react';
import { ApiError } from '../api.js';

/** Puts the server's field errors under their fields; what belongs to no field is for the {@link ErrorNotice}. */
export function useFieldErrors(form: { setErrors: (errors: Record<string, string>) => void }, error: unknown): void {
  const { setErrors } = form;
  useEffect(() => {
    if (error instanceof ApiError) setErrors(fieldsOf(error));
  }, [error, setErrors]);
}

/** The server names a field by its path in the request: `body.email`. */
const fieldsOf = ({ fieldErrors }: ApiError): Record<string, string> =>
  Object.fromEntries(Object.entries(fieldErrors).map(([path, message]) => [path.replace(/^body\./, ''), message]));
