import * as contracts from '#contracts';
import {
  ARMS,
  BATTERY_LEVELS,
  BETTER_WHEN,
  CATEGORIES,
  CERTAINTIES,
  CONNECTIONS,
  COST_KINDS,
  COUNTER_DECISIONS,
  COUNTER_FLAGS,
  DAY_USES,
  DEVICE_LIFECYCLES,
  ECOSYSTEMS,
  EVIDENCE_LEVELS,
  FAMILY_CODES,
  GOAL_KINDS,
  HOLDING_RULES,
  IMPORT_STATUSES,
  INBOX_OUTCOMES,
  INBOX_SOURCES,
  INITIATIVE_TYPES,
  INTERFACE_OPENNESS,
  MDR_CLASSES,
  NODE_KINDS,
  NOTIFICATION_KINDS,
  PERMISSIONS,
  POWERS,
  PURPOSES,
  REPORTING_STATES,
  RETENTION_KINDS,
  ROLES,
  SEVERITIES,
  STAKEHOLDERS,
  TASK_KINDS,
  TRIAL_STAGES,
  USAGE_DECISIONS,
} from '#domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createDatabase, type TestDatabase } from '../support/postgres.js';
import { withClient } from '../support/connection.js';

/** A closed list of words has one home; the database's checks and the contracts' enums are held to it. */
const COLUMNS: Record<string, readonly string[]> = {
  'benefit_line.category': CATEGORIES,
  'benefit_line.certainty': CERTAINTIES,
  'benefit_line.stakeholder': STAKEHOLDERS,
  'benefit_line.task_kind': TASK_KINDS,
  'cost_line.category': CATEGORIES,
  'cost_line.kind': COST_KINDS,
  'counter_correction.decided': COUNTER_DECISIONS,
  'counter_flag.kind': COUNTER_FLAGS,
  'device.lifecycle': DEVICE_LIFECYCLES,
  'gateway.ecosystem': ECOSYSTEMS,
  'measurement_rule.evidence': EVIDENCE_LEVELS,
  'notification.severity': SEVERITIES,
  'one_time_link.kind': contracts.LinkView.shape.kind.options,
  'org_node.kind': NODE_KINDS,
  'placement.arm': ARMS,
  'placement.purpose': PURPOSES,
  'product.interface_openness': INTERFACE_OPENNESS,
  'product.mdr_class': MDR_CLASSES,
  'product_mapping.ecosystem': ECOSYSTEMS,
  'rejected_message.replay_outcome': INBOX_OUTCOMES,
  'retention_run.kind': RETENTION_KINDS,
  'role_grant.role': ROLES,
  'trial.initiative_type': INITIATIVE_TYPES,
  'trial.stage': TRIAL_STAGES,
  'trial_goal.better_when': BETTER_WHEN,
  'trial_goal.kind': GOAL_KINDS,
  'trial_stage_change.stage': TRIAL_STAGES,
  'usage_correction.decided': USAGE_DECISIONS,
  'usage_entry.outcome': INBOX_OUTCOMES,
  'usage_import.status': IMPORT_STATUSES,
  'usage_inbox.source': INBOX_SOURCES,
  'user_account.locale': contracts.LOCALES,
};

/** Each with no check in the database, and why. */
const UNCHECKED: Record<string, string> = {
  'device_signal.state': 'a state outside the contract is a reject, before any row',
  'notification.kind': 'a new kind is an entry in the domain, and no migration',
  'product.family': 'a new family is one file, and no migration',
  'trial.family': 'a new family is one file, and no migration',
};

let database: TestDatabase;
/** `table.column` → the words that its check allows. */
let checked: Record<string, string[]>;
beforeAll(async () => {
  database = await createDatabase();
  checked = await withClient(database.url, async (client) => {
    const { rows } = await client.query<{ table: string; definition: string }>(
      `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint
       where contype = 'c' and connamespace = 'public'::regnamespace order by 1, 2`,
    );
    return Object.fromEntries(rows.flatMap(({ table, definition }) => wordsOf(table, definition)));
  });
});
afterAll(() => database.drop());

/** `CHECK ((kind = ANY (ARRAY['a'::text, 'b'::text])))` */
function wordsOf(table: string, definition: string): [string, string[]][] {
  const [, column, list] = /^CHECK \(\((\w+) = ANY \(ARRAY\[([^\]]+)\]\)\)\)$/.exec(definition) ?? [];
  if (!column || !list) return [];
  return [[`${table}.${column}`, [...list.matchAll(/'([^']*)'::text/g)].map(([, word]) => word ?? '')]];
}

describe('the database’s checks', () => {
  test('are on the columns that hold a closed list', () => {
    expect(Object.keys(checked).sort()).toEqual(Object.keys(COLUMNS).sort());
  });

  test.each(Object.entries(COLUMNS))('%s allows what its home says, in any order', (column, words) => {
    expect([...(checked[column] ?? [])].sort()).toEqual([...words].sort());
  });

  test.each(Object.keys(UNCHECKED))('%s has none, on purpose, and exists', async (name) => {
    expect(checked).not.toHaveProperty([name]);
    const [table, column] = name.split('.');
    const sql = 'select from information_schema.columns where table_name = $1 and column_name = $2';
    const { rowCount } = await withClient(database.url, (client) => client.query(sql, [table, column]));
    expect(rowCount).toBe(1);
  });
});

describe('the contracts’ enums', () => {
  /** Words that only cross the wire. */
  const OF_THE_WIRE = [
    ['active', 'invited', 'disabled'],
    ['unit', 'trial'],
    ['no_plan', 'no_cost', 'no_data', 'no_break_even', 'not_paid_back'],
    ['database', 'ingest', 'worker', 'jobs', 'canary', 'web'],
    ['included'],
    contracts.CANARY_OFF_REASONS,
    contracts.CANARY_STATES,
    contracts.PART_STATES,
    contracts.SYSTEM_PARTS,
    contracts.COUNT_STEPS,
    contracts.DEVICE_STATES,
    contracts.REJECT_CODES,
    contracts.REPLAY_FAULTS,
    contracts.REPLAY_STATES,
    contracts.LOCALES,
    contracts.LinkView.shape.kind.options,
  ];
  const homes = [
    ...Object.values(COLUMNS),
    ...OF_THE_WIRE,
    ...[FAMILY_CODES, HOLDING_RULES, NOTIFICATION_KINDS, PERMISSIONS, REPORTING_STATES],
    ...[BATTERY_LEVELS, CONNECTIONS, DAY_USES, POWERS],
  ].map((words) => JSON.stringify([...words].sort()));

  const enums = [...new Set(Object.values(contracts).flatMap((exported) => enumsIn(exported)))];

  test('are found at all', () => {
    expect(enums.length).toBeGreaterThan(15);
  });

  test.each(enums)('%s has a home', (words) => {
    expect(homes).toContain(words);
  });
});

/** The sorted options of every enum in a schema or a group of endpoints, as JSON. */
function enumsIn(value: unknown, seen = new Set<unknown>()): string[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  const own = value instanceof z.ZodEnum ? [JSON.stringify([...value.options].sort())] : [];
  const parts = value instanceof z.ZodType ? Object.values(value._zod.def) : Object.values(value);
  return [...own, ...parts.flatMap((part) => enumsIn(part, seen))];
}
