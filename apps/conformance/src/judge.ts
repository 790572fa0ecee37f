import type { FamilyCode, Text } from '#domain';
import type { Clause, Finding } from './clause.js';
import { COMMAND_CLAUSES } from './clauses/commands.js';
import { CONNECTION_CLAUSES } from './clauses/connection.js';
import { DELIVERY_CLAUSES } from './clauses/delivery.js';
import { PRESENCE_CLAUSES } from './clauses/presence.js';
import { TOPIC_CLAUSES } from './clauses/topics.js';
import { USAGE_CLAUSES } from './clauses/usage.js';
import { hashOf, type Run } from './observation.js';
import { watch } from './watched.js';

/** Changes with every change of what a clause demands: reports of different versions do not compare. */
export const KIT_VERSION = '1.0';

/** Every clause, in the order of the report. */
export const CLAUSES: readonly Clause[] = [
  ...CONNECTION_CLAUSES,
  ...TOPIC_CLAUSES,
  ...PRESENCE_CLAUSES,
  ...USAGE_CLAUSES,
  ...DELIVERY_CLAUSES,
  ...COMMAND_CLAUSES,
];

/** One line of the report. */
export interface Judged extends Finding {
  readonly id: string;
  readonly level: Clause['level'];
  readonly title: Text;
  /** How to mend it; null when it passed. */
  readonly mend: Text | null;
}

/** The outcome of a run, to be attached to a procurement. */
export interface Report {
  readonly kitVersion: string;
  readonly family: FamilyCode;
  readonly deviceId: string;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Whether every required clause passed; one that was not seen did not. */
  readonly hasPassed: boolean;
  readonly clauses: readonly Judged[];
  readonly observations: { readonly count: number; readonly sha256: string };
}

/** Judges a run by every clause that applies to its family. Pure: the same run gives the same report. */
export function judge(run: Run): Report {
  const watched = watch(run);
  const clauses = CLAUSES.filter(({ appliesTo }) => appliesTo?.(watched.family) ?? true).map((clause): Judged => {
    const { id, level, title, mend } = clause;
    const finding = clause.judge(watched);
    return { id, level, title, ...finding, mend: finding.verdict === 'pass' ? null : mend };
  });
  return {
    kitVersion: KIT_VERSION,
    family: run.family,
    deviceId: run.deviceId,
    startedAt: new Date(run.startedAtMs).toISOString(),
    endedAt: new Date(run.endedAtMs).toISOString(),
    hasPassed: clauses.every(({ level, verdict }) => level === 'recommended' || verdict === 'pass'),
    clauses,
    observations: { count: run.observations.length, sha256: hashOf(run.observations) },
  };
}
