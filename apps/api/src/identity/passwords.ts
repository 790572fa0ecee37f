import { hash, type Options, verify } from '@node-rs/argon2';

/** OWASP's recommendation for argon2id (the library's default algorithm): 19 MiB, two passes, one lane. */
const COST: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** One hash holds a core for some 20 ms and 19 MiB: more than two at once would let log-ins crowd out all else. */
const AT_ONCE = 2;
let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((turn) => waiting.push(turn));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** The argon2id hash of a password, with its parameters and salt. */
export const hashPassword = (password: string): Promise<string> => inTurn(() => hash(password, COST));

/** Verified where there is no account, so that the answer takes as long as for one that exists. */
const nobodys = hash('nobody has this password', COST);

/** Whether the password is the account's; constant work also for no account (null), which never matches. */
export async function verifyPassword(passwordHash: string | null, password: string): Promise<boolean> {
  const stored = passwordHash ?? (await nobodys);
  const matches = await inTurn(() => verify(stored, password));
  return matches && passwordHash !== null;
}
