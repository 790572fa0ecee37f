import type { UsageMessage } from '#contracts';
import {
  metricByName,
  TIMES_MAX,
  type Family,
  type FamilyCode,
  type MappingCondition,
  type MappingRule,
  type Metric,
  type Scalar,
} from '#domain';
import { formatKey, messageKey } from '../native/message-key.js';
import { reject, type Rejection } from '../native/message.js';
import { usageFault } from '../native/usage-fault.js';
import { type MappingMemory, type Moment, holds, remember, type SessionSeen } from './mapping-memory.js';
import type { Reading } from './reading.js';

export { NO_MEMORY, type MappingMemory } from './mapping-memory.js';

/** What a mapping needs to know besides the readings. */
export interface MappingContext {
  readonly family: Family;
  readonly receivedAtMs: number;
  /** Different for every message received, equal for a known redelivery; asked for only where nothing else names it. */
  readonly receipt: { readonly name: string };
  readonly memory: MappingMemory;
}

/** What a mapping makes of readings. */
export interface Mapped {
  /** In the native wire form: ids, times and values are then the native decoder's to settle (rules U1–U3, U5). */
  readonly usages: UsageMessage[];
  readonly rejections: Rejection[];
  readonly memory: MappingMemory;
  /** A length without any time of the source: a repeat cannot be told from another session (rule U1). */
  readonly repeatsNotDetectable: boolean;
}

/** Most usages that one message can stand for. */
export const MAPPED_USAGES_MAX = 2_000;

/**
 * Applies a mapping's rules to the readings of one device. Pure; never throws: what cannot be a usage is a rejection.
 * A source's time and id are kept, so that a retained value replayed by a broker is a repeat and not a new usage.
 */
export function applyMapping(
  rules: readonly MappingRule[],
  readings: readonly Reading[],
  context: MappingContext,
): Mapped {
  const making = new Making(rules, readings, context);
  for (const reading of inOrder(readings, context.receivedAtMs)) making.read(reading);
  return making.result();
}

const inOrder = (readings: readonly Reading[], receivedAtMs: number): Reading[] =>
  [...readings].sort((one, other) => (one.atMs ?? receivedAtMs) - (other.atMs ?? receivedAtMs));

/** One message being turned into usages. */
class Making {
  private readonly usages: UsageMessage[] = [];
  private readonly rejections: Rejection[] = [];
  private readonly values: Map<string, Scalar>;
  private readonly remembered: Set<string>;
  private memory: MappingMemory;
  private repeatsNotDetectable = false;
  private isFull = false;

  constructor(
    private readonly rules: readonly MappingRule[],
    readings: readonly Reading[],
    private readonly context: MappingContext,
  ) {
    this.memory = context.memory;
    this.values = new Map(readings.map(({ field, atMs, value }) => [nameAt(field, atMs), value]));
    this.remembered = new Set(rules.filter(asksForChanges).map(({ field }) => field));
  }

  read(reading: Reading): void {
    const isTimed = reading.atMs !== null;
    const instantMs = reading.atMs ?? this.context.receivedAtMs;
    const moment = { field: reading.field, value: reading.value, instantMs, isTimed };
    for (const rule of this.rules) if (rule.field === reading.field) this.apply(rule, reading, moment);
    if (this.remembered.has(reading.field)) this.memory = remember(moment, this.memory);
  }

  result(): Mapped {
    const { usages, rejections, memory, repeatsNotDetectable } = this;
    return { usages, rejections, memory, repeatsNotDetectable };
  }

  private apply(rule: MappingRule, reading: Reading, moment: Moment): void {
    if (rule.session) return this.followSession(rule, reading, { moment, session: rule.session });
    if (rule.when && !holds(rule.when, moment, this.memory)) return;
    if (reading.isStanding && !this.countsAsItStands(rule)) return;
    if (rule.value === 'times') return this.addTimes(rule, reading);
    const value = valueOf(rule, reading);
    if (value !== null && !Number.isFinite(value)) {
      return this.refuse(reject('value_out_of_range', `${rule.field} is no number that ${rule.metric} can take`));
    }
    if (this.isSession(rule)) return this.addLength(rule, reading, value ?? 0);
    this.add({
      ...this.base(rule, reading),
      ...timeOf(reading),
      ...idOf(rule, reading),
      ...(value !== null && { value }),
    });
  }

  /** A counted field: as many events as it says, told apart by a number. */
  private addTimes(rule: MappingRule, reading: Reading): void {
    const times = numberOf(reading.value);
    if (!Number.isInteger(times) || times < 0 || times > TIMES_MAX) {
      return this.refuse(reject('value_out_of_range', `${rule.field} is no whole number from 0 to ${TIMES_MAX}`));
    }
    for (let number = 0; number < times; number += 1) {
      const isNamed = reading.id !== null || reading.atMs !== null;
      const id = isNamed ? { id: nameOf(reading.id ?? '', rule.field, rule.metric, number) } : {};
      this.add({ ...this.base(rule, reading), ...timeOf(reading), ...id });
    }
  }

  /** A session told by its length alone, when it is over: it began that long ago. */
  private addLength(rule: MappingRule, reading: Reading, seconds: number): void {
    const until = reading.atMs ?? this.context.receivedAtMs;
    const at = until - Math.round(seconds * 1000);
    if (reading.atMs === null && reading.id === null) this.repeatsNotDetectable = true;
    this.add({ ...this.base(rule, reading), ...idOf(rule, reading), at, until });
  }

  private followSession(
    rule: MappingRule,
    reading: Reading,
    { moment, session }: { moment: Moment; session: NonNullable<MappingRule['session']> },
  ): void {
    const key = `${rule.field}\n${rule.metric}`;
    const seen = Object.hasOwn(this.memory.sessions, key) ? this.memory.sessions[key] : undefined;
    if (holds(session.startWhen, moment, this.memory)) this.start(rule, reading, { key, seen, moment });
    else if (seen?.open && holds(session.endWhen, moment, this.memory)) this.end(rule, { key, seen, moment });
  }

  /** A start while one is open, or from before the last end, is a repeat. */
  private start(rule: MappingRule, reading: Reading, { key, seen, moment }: SessionStep): void {
    const longestMs = this.context.family.maxSessionSeconds * 1000;
    if (seen?.open && moment.instantMs - seen.open.sinceMs <= longestMs) return;
    if (seen?.endedAtMs != null && moment.instantMs <= seen.endedAtMs) return;
    const source = reading.id ?? (moment.isTimed ? '' : this.context.receipt.name);
    const id = nameOf(source, rule.field, rule.metric, 0);
    this.keepSession(key, {
      open: { id, atMs: reading.atMs, sinceMs: moment.instantMs },
      endedAtMs: seen?.endedAtMs ?? null,
    });
    this.add({ ...this.base(rule, reading), id, ...timeOf(reading) });
  }

  private end(rule: MappingRule, { key, seen, moment }: SessionStep): void {
    const open = seen?.open;
    if (!open) return;
    this.keepSession(key, { open: null, endedAtMs: moment.instantMs });
    this.add({
      metric: rule.metric,
      id: open.id,
      ...(open.atMs !== null && { at: open.atMs }),
      until: moment.instantMs,
    });
  }

  private keepSession(key: string, session: SessionSeen): void {
    this.memory = { ...this.memory, sessions: { ...this.memory.sessions, [key]: session } };
  }

  private isSession(rule: MappingRule): boolean {
    return this.kindOf(rule) === 'session';
  }

  /** What a source repeats at its return is a measured value, or a change that it had no way to tell of before. */
  private countsAsItStands(rule: MappingRule): boolean {
    const kind = this.kindOf(rule);
    return kind === 'gauge' || kind === 'counter' || (isChange(rule.when) && rule.value !== 'times');
  }

  private kindOf({ metric }: MappingRule): Metric['kind'] | undefined {
    return metricByName(this.context.family.code as FamilyCode, metric)?.kind;
  }

  private base(rule: MappingRule, { atMs }: Reading): Pick<UsageMessage, 'metric' | 'attributes'> {
    const attributes: Record<string, Scalar> = {};
    for (const [name, source] of Object.entries(rule.attributes)) {
      const value = typeof source === 'object' ? this.translate(source, atMs) : source;
      if (value !== undefined) attributes[name] = value;
    }
    return Object.keys(attributes).length === 0 ? { metric: rule.metric } : { metric: rule.metric, attributes };
  }

  private translate({ field, map }: { field: string; map: Readonly<Record<string, Scalar>> }, atMs: number | null) {
    const name = String(this.values.get(nameAt(field, atMs)) ?? '');
    return Object.hasOwn(map, name) ? map[name] : undefined;
  }

  private add(usage: UsageMessage): void {
    const fault = usageFault(usage);
    if (fault !== null) return this.refuse(reject('schema', fault));
    if (this.usages.length < MAPPED_USAGES_MAX) return void this.usages.push(usage);
    if (!this.isFull) this.refuse(reject('payload_too_large', `more than ${MAPPED_USAGES_MAX} usages in one message`));
    this.isFull = true;
  }

  private refuse(rejection: Rejection): void {
    this.rejections.push(rejection);
  }
}

interface SessionStep {
  readonly key: string;
  readonly seen: SessionSeen | undefined;
  readonly moment: Moment;
}

const isChange = (condition: MappingCondition | null | undefined): boolean => !!condition && 'changesTo' in condition;
const asksForChanges = ({ when, session }: MappingRule): boolean =>
  isChange(when) || isChange(session?.startWhen) || isChange(session?.endWhen);

const nameAt = (field: string, atMs: number | null): string => `${atMs ?? ''}\n${field}`;
const timeOf = ({ atMs }: Reading): { at?: number } => (atMs === null ? {} : { at: atMs });

/** One message may hold several usages at one instant: the source's id alone would make them one (rule U2). */
function idOf(rule: MappingRule, { id }: Reading): { id?: string } {
  return id === null ? {} : { id: nameOf(id, rule.field, rule.metric, 0) };
}

const nameOf = (...parts: readonly (string | number)[]): string => formatKey(messageKey(parts.join('\n')));

/** Null where the rule takes no value; not finite where the field is no number. */
function valueOf({ value }: MappingRule, reading: Reading): number | null {
  if (value === 'none') return null;
  const number = numberOf(reading.value);
  if (typeof value !== 'object') return number;
  // Tenths and hundredths leave a tail of binary noise.
  return Number((number * value.scale + value.offset).toPrecision(12));
}

function numberOf(value: Scalar): number {
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === '' ? NaN : Number(value);
}
