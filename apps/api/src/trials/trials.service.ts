import type {
  EditTrial,
  RegisterTrial,
  RequestOf,
  ResponseOf,
  trialsApi,
  TrialSummaryView,
  TrialView,
} from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../scope/scope.js';
import { changeRule, type RuleChange } from './change/change-rule.js';
import { editTrial } from './change/edit-trial.js';
import { type Move, moveStage } from './change/move-stage.js';
import { registerTrial } from './change/register-trial.js';
import { similarTrials } from './view/similar-trials.queries.js';
import { readTrial } from './view/trial-view.js';
import { listTrials } from './view/trials.queries.js';

@Injectable()
export class TrialsService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<typeof trialsApi.list>['query']): Promise<ResponseOf<typeof trialsApi.list>> {
    return listTrials(this.db.manager, scope, query);
  }

  similar(scope: Scope, query: RequestOf<typeof trialsApi.similar>['query']): Promise<TrialSummaryView[]> {
    return similarTrials(this.db.manager, scope, query);
  }

  get(scope: Scope, id: string): Promise<TrialView> {
    return readTrial(this.db.manager, scope, id);
  }

  register(scope: Scope, plan: RegisterTrial): Promise<TrialView> {
    return this.db.transaction((tx) => registerTrial(tx, scope, { plan, at: new Date() }));
  }

  edit(scope: Scope, request: { id: string; body: EditTrial }): Promise<TrialView> {
    return this.db.transaction((tx) => editTrial(tx, scope, request));
  }

  move(scope: Scope, move: Move): Promise<TrialView> {
    return this.db.transaction((tx) => moveStage(tx, scope, move));
  }

  changeRule(scope: Scope, change: RuleChange): Promise<TrialView> {
    return this.db.transaction((tx) => changeRule(tx, scope, change));
  }
}
