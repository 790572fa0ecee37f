import { localDay, type Day } from '#domain';
import { useState } from 'react';
import { useSession } from '../session.js';

/** Today in the municipality, as it was when the page was opened. */
export function useToday(): Day {
  const { timeZone } = useSession().municipality;
  const [openedAt] = useState(Date.now);
  return localDay(openedAt, timeZone);
}
