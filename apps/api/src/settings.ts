import { Global, type DynamicModule, Module } from '@nestjs/common';
import type { Config } from './config.js';

/** Injection token of the parsed settings. */
export const CONFIG = Symbol('config');

/** Injection token of the clock. */
export const CLOCK = Symbol('clock');

/** What tells the time, where a test must choose it. */
export interface Clock {
  now: () => Date;
}

const SYSTEM_CLOCK: Clock = { now: () => new Date() };

@Global()
@Module({})
export class SettingsModule {
  static with(config: Config, clock: Clock = SYSTEM_CLOCK): DynamicModule {
    const providers = [
      { provide: CONFIG, useValue: config },
      { provide: CLOCK, useValue: clock },
    ];
    return { module: SettingsModule, providers, exports: [CONFIG, CLOCK] };
  }
}
