import { describe, expect, test } from 'vitest';
import type { FamilyCode } from '#domain';
import { at, connect, lock, publish, robot, runOf, unlock } from '../../../test/support/hand-made-run.js';
import { judge } from './judge.js';
import type { Observation } from './observation.js';
import { printed } from './print.js';

describe('the report', () => {
  test('passes when every required clause does, and only then', () => {
    expect(judge(runOf(lock())).hasPassed).toBe(true);
    expect(judge(runOf(robot(), { family: 'sleep_robot' })).hasPassed).toBe(false); // no acknowledgement was withheld
    expect(judge(runOf([])).hasPassed).toBe(false);
  });

  test('passes without what is only recommended', () => {
    const report = judge(runOf(lock().filter(({ kind }) => kind !== 'subscribe' && kind !== 'command')));
    expect(report.clauses.find(({ id }) => id === 'command-subscription')?.verdict).toBe('fail');
    expect(report.hasPassed).toBe(true);
  });

  test('leaves out what does not apply to a family: a lock has no sessions, a screen no battery', () => {
    const idsOf = (family: FamilyCode) => judge(runOf([], { family })).clauses.map(({ id }) => id);
    expect(idsOf('keyless_lock')).not.toContain('session-end');
    expect(idsOf('smart_screen')).not.toContain('battery');
  });

  test('holds what a device said every second through nights and days', () => {
    const everySecond = Array.from({ length: 150_000 }, (_, second) => ({ metric: 'unlock', at: at(second) }));
    const said = Array.from({ length: 300 }, (_, part) =>
      publish('usage', [1, part * 500 + 500, everySecond.slice(part * 500, part * 500 + 500)]),
    );
    const report = judge(runOf([connect(1, 0), ...said], { seconds: 150_000 }));
    const seen = (id: string) => report.clauses.find((clause) => clause.id === id)?.seen.en;
    expect(seen('not-silent')).toMatch('Silent for at most 1 s during 149999 s');
    expect(seen('clock')).toBe('At most 1 s behind, the network included.');
  });

  test('holds a hash that changes with any observation', () => {
    const hash = (observations: Observation[]) => judge(runOf(observations)).observations.sha256;
    expect(hash(lock())).toBe(hash(lock()));
    expect(hash(lock())).not.toBe(hash(lock().slice(1)));
  });

  test('never repeats the personal data that it found', () => {
    const personal = unlock(9, 300, { attributes: { by: 'anna.andersson@example.se' } });
    const report = judge(runOf([...lock(), publish('usage', [3, 300, personal])]));
    expect(JSON.stringify(report)).not.toContain('anna.andersson');
  });

  test('reads in Swedish and in English', () => {
    const report = judge(runOf(lock()));
    expect(printed(report, 'sv')).toMatch(/GODKÄNT: alla \d+ krav är uppfyllda/);
    expect(printed(report, 'en')).toMatch(/PASS: all \d+ requirements are met/);
    const atQos0 = lock().map((one) => (one.kind === 'publish' ? { ...one, qos: 0 as const } : one));
    const failed = printed(judge(runOf(atQos0)), 'sv');
    expect(failed).toMatch(/UNDERKÄNT +usage-qos: Användning skickas med QoS 1/);
    expect(failed).toContain('Gör så här: Publicera användning med QoS 1');
  });
});
