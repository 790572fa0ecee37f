import type {
  RejectCounts,
  RejectGroupView,
  rejectsApi,
  RejectView,
  ReplayAnswer,
  ReplayRejects,
  RequestOf,
  ResponseOf,
} from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { zoneOf } from '../zone.queries.js';
import { countRejects, groupRejects } from './reject-counts.queries.js';
import { listRejects, readReject } from './rejects.queries.js';
import { replayRejects } from './replay-rejects.js';

type Api = typeof rejectsApi;

@Injectable()
export class RejectsService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<Api['list']>['query']): Promise<ResponseOf<Api['list']>> {
    return listRejects(this.db.manager, scope, query);
  }

  get(scope: Scope, id: number): Promise<RejectView> {
    return readReject(this.db.manager, scope, id);
  }

  async counts(scope: Scope, query: RequestOf<Api['counts']>['query']): Promise<RejectCounts> {
    const zone = await zoneOf(this.db.manager, scope, scope.person.rootId);
    return countRejects(this.db.manager, scope, { ...query, zone });
  }

  groups(scope: Scope, query: RequestOf<Api['groups']>['query']): Promise<RejectGroupView[]> {
    return groupRejects(this.db.manager, scope, query);
  }

  replay(scope: Scope<'reject:replay'>, body: ReplayRejects): Promise<ReplayAnswer> {
    return this.db.transaction((tx) => replayRejects(tx, scope, body));
  }
}
