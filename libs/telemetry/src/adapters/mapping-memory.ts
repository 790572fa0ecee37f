import type { MappingCondition, Scalar } from '#domain';

/** A value that a field had at an instant (milliseconds). */
export type Seen = readonly [atMs: number, value: Scalar];

/** A session that a mapping has seen start, and when the last one ended. */
export interface SessionSeen {
  /** `atMs` is null where the source gave no time: the ledger has it (rule U1). */
  readonly open: { readonly id: string; readonly atMs: number | null; readonly sinceMs: number } | null;
  readonly endedAtMs: number | null;
}

/**
 * What of a device's earlier messages its mapping needs to tell a change from a repeat: plain data, JSON can hold it.
 * Only fields that a rule asks for changes of are remembered.
 */
export interface MappingMemory {
  readonly seen: Readonly<Record<string, readonly Seen[]>>;
  readonly sessions: Readonly<Record<string, SessionSeen>>;
}

/** Nothing is known of the device yet. */
export const NO_MEMORY: MappingMemory = { seen: {}, sessions: {} };

/** Late messages are told from repeats as far back as this. */
const SEEN_KEPT = 32;

/** One reading as conditions ask about it. */
export interface Moment {
  readonly field: string;
  readonly value: Scalar;
  /** The source's time, or else that of receipt. */
  readonly instantMs: number;
  /** The source gave a time: the same instant is then the same message again. */
  readonly isTimed: boolean;
}

/**
 * Whether a condition holds. Values are compared as text, so that "1" is 1 and "true" is true. A change needs a value
 * before it: the first word of a device is none.
 */
export function holds(condition: MappingCondition, moment: Moment, memory: MappingMemory): boolean {
  if ('equals' in condition) return isSame(condition.equals, moment.value);
  if ('in' in condition) return condition.in.some((value) => isSame(value, moment.value));
  if ('above' in condition) return Number(moment.value) > condition.above && moment.value !== '';
  if (!isSame(condition.changesTo, moment.value)) return false;
  const before = valueBefore(moment, memory);
  return before !== undefined && !isSame(before, moment.value);
}

const isSame = (one: Scalar, other: Scalar): boolean => String(one) === String(other);

function valueBefore({ field, instantMs, isTimed }: Moment, { seen }: MappingMemory): Scalar | undefined {
  const history = Object.hasOwn(seen, field) ? (seen[field] ?? []) : [];
  return history.findLast(([atMs]) => (isTimed ? atMs < instantMs : atMs <= instantMs))?.[1];
}

/** The memory with one more value of a field, in the order of the times, whatever the order of receipt. */
export function remember({ field, value, instantMs }: Moment, memory: MappingMemory): MappingMemory {
  const history = Object.hasOwn(memory.seen, field) ? (memory.seen[field] ?? []) : [];
  const others = history.filter(([atMs]) => atMs !== instantMs);
  const sorted = [...others, [instantMs, value] as const].sort(([one], [other]) => one - other);
  return { ...memory, seen: { ...memory.seen, [field]: withoutRepeats(sorted).slice(-SEEN_KEPT) } };
}

/** A value that stays needs only its first instant and its last. */
function withoutRepeats(history: readonly Seen[]): Seen[] {
  return history.filter(([, value], index) => {
    const [before, after] = [history[index - 1], history[index + 1]];
    return !before || !after || !isSame(before[1], value) || !isSame(after[1], value);
  });
}
