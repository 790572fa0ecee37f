import { Outlet } from '@tanstack/react-router';
import { Suspense } from 'react';
import { Loading } from '../parts/loading.js';

export function Root() {
  return (
    <Suspense fallback={<Loading />}>
      <Outlet />
    </Suspense>
  );
}
