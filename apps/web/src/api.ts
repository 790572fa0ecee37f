import type { CallOf, Endpoint, ErrorView, ResponseOf } from '#contracts';

/** An answer other than 2xx, or no answer at all (`status` 0, code `unreachable`). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  readonly code: string;
  /** Field path → what is wrong with it, for a refused body. */
  readonly fieldErrors: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly status: number,
    { code, message, errors = [], details = {} }: Pick<ErrorView, 'code' | 'message' | 'errors' | 'details'>,
  ) {
    super(message);
    this.code = code;
    this.fieldErrors = Object.fromEntries(errors.map((error) => [error.path, error.message]));
    this.details = details;
  }
}

type Parts = { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown };
/** An endpoint that declares no part is called without a second argument. */
type Arguments<E extends Endpoint> = keyof CallOf<E> extends never ? [] : [parts: CallOf<E>];

/** Calls a route of the contract. Throws {@link ApiError}. */
export async function call<E extends Endpoint>(endpoint: E, ...[parts]: Arguments<E>): Promise<ResponseOf<E>> {
  const { params, query, body } = (parts ?? {}) as Parts;
  const response = await send(addressOf(endpoint.path, params, query), endpoint.method, body);
  if (!response.ok) throw await errorOf(response);
  return (response.status === 204 ? undefined : await response.json()) as ResponseOf<E>;
}

function addressOf(path: string, params: Parts['params'] = {}, query: Parts['query'] = {}): string {
  const filled = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? filled : `${filled}?${search}`;
}

async function send(address: string, method: string, body: unknown): Promise<Response> {
  try {
    return await fetch(address, { method, credentials: 'same-origin', ...contentOf(body) });
  } catch (cause) {
    throw new ApiError(0, { code: 'unreachable', message: String(cause) });
  }
}

/** A file goes as it is, and is read by the server as it comes; anything else is JSON. */
function contentOf(body: unknown): RequestInit {
  if (body === undefined) return {};
  if (body instanceof Blob) return { body, headers: { 'content-type': 'text/csv' } };
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}

async function errorOf(response: Response): Promise<ApiError> {
  const view = await readError(response);
  return new ApiError(response.status, view ?? { code: 'unexpected', message: response.statusText });
}

/** A proxy in between may answer with a page of its own. */
async function readError(response: Response): Promise<ErrorView | undefined> {
  try {
    return (await response.json()) as ErrorView;
  } catch {
    return undefined;
  }
}
