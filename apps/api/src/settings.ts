import { Global, type DynamicModule, Module } from '@nestjs/common';
import type { Config } from './config.js';

/** Injection token of the parsed settings. */
export const CONFIG = Symbol('config');

@Global()
@Module({})
export class SettingsModule {
  static with(config: Config): DynamicModule {
    return { module: SettingsModule, providers: [{ provide: CONFIG, useValue: config }], exports: [CONFIG] };
  }
}
