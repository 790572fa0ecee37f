import { PERMISSIONS, ROLES } from '#domain';
import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ById, Id, Instant, LocalDate, name, Page, pageOf, text } from './values.js';

export const LOCALES = ['sv', 'en'] as const;
/** NIST SP 800-63B: length is what counts; no rules about kinds of characters. */
export const Password = z.string().min(12).max(200);
export const Email = z.email().max(254).toLowerCase();

export const GrantView = z
  .object({
    id: Id,
    role: z.enum(ROLES),
    nodeId: Id.nullable(),
    trialId: Id.nullable(),
    /** The name of the node, or the code and title of the trial. */
    on: z.string(),
    startsAt: Instant,
    endsAt: Instant.nullable(),
  })
  .meta({ id: 'Grant' });
export type GrantView = z.output<typeof GrantView>;

export const SessionView = z
  .object({
    user: z.object({ id: Id, name: z.string(), email: z.string(), locale: z.enum(LOCALES) }),
    municipality: z.object({ id: Id, name: z.string(), timeZone: z.string(), demo: z.boolean() }),
    grants: z.array(GrantView),
    permissions: z.array(z.enum(PERMISSIONS)),
  })
  .meta({ id: 'Session' });
export type SessionView = z.output<typeof SessionView>;

export const LogIn = z.object({ email: Email, password: z.string().min(1).max(200) }).meta({ id: 'LogIn' });

export const LinkView = z
  .object({
    kind: z.enum(['first_administrator', 'invitation', 'password_reset']),
    email: z.string().nullable(),
    name: z.string().nullable(),
    expiresAt: Instant,
  })
  .meta({ id: 'Link' });

export const ChangePassword = z
  .object({ current: z.string().min(1).max(200), password: Password })
  .meta({ id: 'ChangePassword' });

const ChoosePassword = z.object({ password: Password }).meta({ id: 'ChoosePassword' });

/** What the first administrator gives: the municipality is created with them. */
export const SetUpMunicipality = z
  .object({
    municipality: name(120),
    timeZone: text(60).default('Europe/Stockholm'),
    name: name(120),
    email: Email,
    password: Password,
  })
  .meta({ id: 'SetUpMunicipality' });

export const GiveGrant = z
  .object({
    role: z.enum(ROLES),
    nodeId: Id.nullable().default(null),
    trialId: Id.nullable().default(null),
    startsAt: Instant.optional(),
    endsAt: Instant.nullable().default(null),
  })
  .refine((grant) => (grant.nodeId === null) !== (grant.trialId === null), {
    message: 'name either nodeId or trialId',
    path: ['nodeId'],
  })
  .meta({ id: 'GiveGrant' });

export const Invite = z
  .object({ email: Email, name: name(120), locale: z.enum(LOCALES).default('sv'), grant: GiveGrant })
  .meta({ id: 'Invite' });

export const UserView = z
  .object({
    id: Id,
    name: z.string(),
    email: z.string(),
    status: z.enum(['active', 'invited', 'disabled']),
    grants: z.array(GrantView),
    createdAt: Instant,
  })
  .meta({ id: 'User' });
export type UserView = z.output<typeof UserView>;

const Token = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{20,100}$/) });
/**
 * Where mail can be sent, the link goes to the person alone and is null here: nobody can then take another's account.
 * Otherwise it is given once, in this answer. Only its hash is stored.
 */
const PersonalLink = z
  .object({ user: UserView, link: z.string().nullable(), expiresAt: Instant })
  .meta({ id: 'PersonalLink' });

export const identityApi = {
  logIn: endpoint({
    method: 'POST',
    path: '/api/session',
    access: 'public',
    summary: 'Log in; the answer sets the session cookie',
    body: LogIn,
    response: SessionView,
  }),
  session: endpoint({
    method: 'GET',
    path: '/api/session',
    access: 'authenticated',
    summary: 'Who you are, where you have a role and what it permits',
    response: SessionView,
  }),
  logOut: endpoint({ method: 'DELETE', path: '/api/session', access: 'authenticated', summary: 'Log out' }),
  setLocale: endpoint({
    method: 'PUT',
    path: '/api/session/locale',
    access: 'authenticated',
    summary: 'Choose your language',
    body: z.object({ locale: z.enum(LOCALES) }),
  }),
  changePassword: endpoint({
    method: 'PUT',
    path: '/api/session/password',
    access: 'authenticated',
    summary: 'Change your password; your other sessions end',
    body: ChangePassword,
  }),
  link: endpoint({
    method: 'GET',
    path: '/api/links/:token',
    access: 'public',
    summary: 'What a one-time link is for',
    params: Token,
    response: LinkView,
  }),
  setUp: endpoint({
    method: 'POST',
    path: '/api/links/:token/set-up',
    access: 'public',
    summary: 'Create the municipality and its first administrator by the one-time link',
    params: Token,
    body: SetUpMunicipality,
    response: SessionView,
  }),
  acceptInvitation: endpoint({
    method: 'POST',
    path: '/api/links/:token/accept',
    access: 'public',
    summary: 'Choose a password and log in by an invitation',
    params: Token,
    body: ChoosePassword,
    response: SessionView,
  }),
  resetPassword: endpoint({
    method: 'POST',
    path: '/api/links/:token/reset',
    access: 'public',
    summary: 'Choose a new password and log in by a link from an administrator; all earlier sessions end',
    params: Token,
    body: ChoosePassword,
    response: SessionView,
  }),
};

export const usersApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/users',
    access: 'user:read',
    summary: 'People with a grant in your scope',
    query: Page,
    response: pageOf(UserView),
  }),
  invite: endpoint({
    method: 'POST',
    path: '/api/users',
    access: 'user:edit',
    summary:
      'Invite a person with a first role; the one-time link is mailed to them, or answered where no mail can be sent',
    body: Invite,
    response: PersonalLink,
  }),
  giveLink: endpoint({
    method: 'POST',
    path: '/api/users/:id/link',
    access: 'user:edit',
    summary: 'A new one-time link: the invitation anew, or for who has a password already, to choose another',
    params: ById,
    response: PersonalLink,
  }),
  grant: endpoint({
    method: 'POST',
    path: '/api/users/:id/grants',
    access: 'user:edit',
    summary: 'Give a person a role; never yourself (rule P5)',
    params: ById,
    body: GiveGrant,
    response: UserView,
  }),
  endGrant: endpoint({
    method: 'DELETE',
    path: '/api/users/:id/grants/:grantId',
    access: 'user:edit',
    summary: 'End a role now',
    params: ById.extend({ grantId: Id }),
    response: UserView,
  }),
  disable: endpoint({
    method: 'POST',
    path: '/api/users/:id/disable',
    access: 'user:edit',
    summary: 'Close an account and end its sessions',
    params: ById,
    response: UserView,
  }),
  enable: endpoint({
    method: 'POST',
    path: '/api/users/:id/enable',
    access: 'user:edit',
    summary: 'Open a closed account again, with its password and the roles that have not ended',
    params: ById,
    response: UserView,
  }),
};

export const AuditEntryView = z
  .object({
    id: z.number().int(),
    at: Instant,
    actorName: z.string(),
    action: z.string(),
    subjectKind: z.string(),
    subjectId: z.string().nullable(),
    reason: z.string().nullable(),
    changes: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryView = z.output<typeof AuditEntryView>;

export const auditApi = {
  list: endpoint({
    method: 'GET',
    path: '/api/audit',
    access: 'audit:read',
    summary: 'Who did what, newest first',
    query: Page.extend({
      subjectKind: text(40).optional(),
      subjectId: text(80).optional(),
      from: LocalDate.optional(),
      to: LocalDate.optional(),
    }),
    response: pageOf(AuditEntryView),
  }),
};
