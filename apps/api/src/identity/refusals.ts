const LOG_IN_REFUSALS = {
  wrong_email_or_password: 'No account has that e-mail address and password.',
  demo_only_locally:
    'Demo accounts can only log in while the server listens on this machine alone (BIND=127.0.0.1): their passwords are public.',
} as const;

/** A log-in that is not let in; which of address and password was wrong is not told. */
export class LogInRefused extends Error {
  constructor(readonly code: keyof typeof LOG_IN_REFUSALS) {
    super(LOG_IN_REFUSALS[code]);
  }
}

/** The current password, asked for again before it is changed, is not right; the session is, so this is no 401. */
export class WrongPassword extends Error {
  constructor() {
    super('The current password is not right.');
  }
}

/** Too many refused log-ins for an account or from an address. */
export class TooManyAttempts extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many attempts: try again in ${Math.ceil(retryAfterSeconds / 60)} minutes.`);
  }
}

/** A one-time link that is used, expired, replaced or never existed; the four cannot be told apart. */
export class LinkNotValid extends Error {
  constructor() {
    super('This link has been used, has expired or never existed: ask for a new one.');
  }
}
