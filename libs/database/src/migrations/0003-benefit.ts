import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Cost and benefit lines, versioned measurement rules, qualifying units per day (rule K2) and confirmations (rule B3). */
export class Benefit1763800000003 implements MigrationInterface {
  name = 'Benefit1763800000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      create table cost_line (
        id uuid primary key,
        trial_id uuid not null references trial,
        name text not null check (length(btrim(name)) between 1 and 120),
        kind text not null check (kind in ('one_off','monthly','yearly')),
        category text not null check (category in ('financial','redistribution','quality','environment')),
        amount_ore bigint not null check (amount_ore >= 0),
        starts_on date not null,
        ends_on date,
        position integer not null,
        check (ends_on > starts_on)
      );
      create index cost_line_trial on cost_line (trial_id);

      create table benefit_line (
        id uuid primary key,
        trial_id uuid not null references trial,
        name text not null check (length(btrim(name)) between 1 and 120),
        category text not null check (category in ('financial','redistribution','quality','environment')),
        stakeholder text not null check (stakeholder in ('client','relative','staff','unit','municipality','region','society')),
        certainty text not null check (certainty in ('green','yellow','red')),
        task_kind text not null check (task_kind in ('task_removed','task_deepened','newly_possible')),
        planned_month_ore bigint not null check (planned_month_ore >= 0),
        starts_on date not null,
        ends_on date,
        realisation_action text not null default '' check (length(realisation_action) <= 500),
        shares_effect_with uuid references benefit_line,
        position integer not null,
        check (ends_on > starts_on)
      );
      create index benefit_line_trial on benefit_line (trial_id);

      -- A released rule version is never changed; a change is a new version with a reason (rule B10).
      create table measurement_rule (
        id uuid primary key,
        key integer generated always as identity unique,
        benefit_line_id uuid not null references benefit_line,
        version integer not null check (version >= 1),
        metric text not null,
        filter jsonb not null,
        deduplicate_minutes double precision not null check (deduplicate_minutes between 0 and 1440),
        counterfactual_share double precision not null check (counterfactual_share between 0 and 1),
        counterfactual_dimension text,
        minutes_per_unit double precision not null check (minutes_per_unit between 0 and 1440),
        added_work_minutes_per_unit double precision not null check (added_work_minutes_per_unit between 0 and 1440),
        failure_filter jsonb,
        failure_minutes double precision not null check (failure_minutes between 0 and 1440),
        hourly_cost_ore bigint not null check (hourly_cost_ore >= 0),
        evidence text not null check (evidence in ('A','B','C','D','E')),
        source text not null default '' check (length(source) <= 500),
        reason text not null default '' check (length(reason) <= 1000),
        created_by uuid references user_account,
        created_at timestamptz not null default now(),
        unique (benefit_line_id, version)
      );
      create trigger measurement_rule_append_only before update or delete or truncate on measurement_rule
        for each statement execute function refuse_change();

      create table realisation_confirmation (
        id uuid primary key,
        benefit_line_id uuid not null references benefit_line,
        node_id uuid not null references org_node,
        month date not null check (extract(day from month) = 1),
        version integer not null check (version >= 1),
        confirmed_ore bigint not null check (confirmed_ore >= 0),
        potential_ore bigint,
        realised_ore bigint not null check (realised_ore >= 0),
        action_taken text not null check (length(btrim(action_taken)) between 1 and 1000),
        confirmed_by uuid not null references user_account,
        confirmed_at timestamptz not null default now(),
        unique (benefit_line_id, node_id, month, version)
      );
      create trigger realisation_confirmation_append_only before update or delete or truncate on realisation_confirmation
        for each statement execute function refuse_change();
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only; restore a backup to go back.');
  }
}
