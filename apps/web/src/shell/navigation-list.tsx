import { Link, useRouterState } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useSession } from '../session.js';
import { NAVIGATION } from './navigation.js';
import classes from './shell.module.css';

/** A unit's page stands below the first page, whose address is the root. */
const isAt = (to: string, path: string): boolean =>
  to === '/' ? path === '/' || path.startsWith('/units/') : path.startsWith(to);

/** The main menu's links; the one you are at is marked for eye and ear. */
export function Navigation() {
  const { t } = useTranslation();
  const { permissions } = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <ul className={classes.links}>
      {NAVIGATION.filter(({ permission }) => permissions.includes(permission)).map(({ to, key, icon: Symbol }) => (
        <li key={to}>
          <Link to={to} className={classes.link} aria-current={isAt(to, path) ? 'page' : undefined}>
            <Symbol size={20} stroke={1.6} aria-hidden />
            {t(`shell.nav.${key}`)}
          </Link>
        </li>
      ))}
    </ul>
  );
}
