import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUES } from './catalogue.js';

const SOURCE = join(import.meta.dirname, '..');
const PLURAL = /_(one|other)$/;

function keysOf(texts: object, path = ''): string[] {
  return Object.entries(texts).flatMap(([name, value]) =>
    typeof value === 'string' ? [`${path}${name}`] : keysOf(value as object, `${path}${name}.`),
  );
}

const textOf = (texts: object, key: string): string =>
  key.split('.').reduce<unknown>((part, name) => (part as Record<string, unknown>)[name], texts) as string;

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name ?? '').sort();

const code = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.') && !file.includes('messages'))
  .map((file) => readFileSync(join(SOURCE, file), 'utf8'))
  .join('\n');

/** Keys written out, and the fixed beginnings of keys that are put together (`words.stage.${…}`). */
const written = new Set([...code.matchAll(/['`]((?:\w+\.)+\w+)['`]/g)].map(([, key]) => key ?? ''));
const beginnings = [...code.matchAll(/`((?:\w+\.)+)\$\{/g)].map(([, beginning]) => beginning ?? '');

const isUsed = (key: string): boolean =>
  written.has(key.replace(PLURAL, '')) || written.has(key) || beginnings.some((beginning) => key.startsWith(beginning));

describe('the message catalogue', () => {
  const keys = keysOf(CATALOGUES.sv);

  it('has the same keys in both languages', () => {
    expect(keysOf(CATALOGUES.en)).toEqual(keys);
  });

  it('has no empty text', () => {
    expect(
      [...keysOf(CATALOGUES.sv), ...keysOf(CATALOGUES.en)].filter((key) => textOf(CATALOGUES.en, key).trim() === ''),
    ).toEqual([]);
    expect(keys.filter((key) => textOf(CATALOGUES.sv, key).trim() === '')).toEqual([]);
  });

  it('fills in the same values in both languages', () => {
    const differing = keys.filter((key) => {
      const inSwedish = placeholders(textOf(CATALOGUES.sv, key));
      return inSwedish.join() !== placeholders(textOf(CATALOGUES.en, key)).join();
    });
    expect(differing).toEqual([]);
  });

  it('holds no text that nobody shows', () => {
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });

  it('would notice an unused text', () => {
    expect(isUsed('shell.aTextThatNobodyShows')).toBe(false);
  });
});
