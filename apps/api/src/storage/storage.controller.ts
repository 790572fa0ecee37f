import { storageApi, type StorageView } from '#contracts';
import { Controller } from '@nestjs/common';
import { type CallerOf, Route } from '../http/route.js';
import { StorageService } from './storage.service.js';

@Controller()
export class StorageController {
  constructor(private readonly storage: StorageService) {}

  @Route(storageApi.read)
  read(scope: CallerOf<typeof storageApi.read>): Promise<StorageView> {
    return this.storage.read(scope);
  }
}
