import type { rejectsApi, RequestOf, ResponseOf } from '#contracts';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Scope } from '../../scope/scope.js';
import { listRejects } from './rejects.queries.js';

@Injectable()
export class RejectsService {
  constructor(private readonly db: DataSource) {}

  list(scope: Scope, query: RequestOf<typeof rejectsApi.list>['query']): Promise<ResponseOf<typeof rejectsApi.list>> {
    return listRejects(this.db.manager, scope, query);
  }
}
