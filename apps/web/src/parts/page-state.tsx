import { ApiError } from '../api.js';
import { NotFoundPage } from '../shell/problem-page.js';
import { ErrorNotice } from './error-notice.js';
import { Loading } from './loading.js';
import { PageTitle } from './page-title.js';

/** A page whose data is not there: still coming, not to be found, or failed. */
export function PageState({ title, error, onRetry }: { title: string; error: unknown; onRetry: () => void }) {
  if (error instanceof ApiError && error.status === 404) return <NotFoundPage />;
  return (
    <>
      <PageTitle title={title} />
      {error === null ? <Loading /> : <ErrorNotice error={error} onRetry={onRetry} />}
    </>
  );
}
