import { describe, expect, it } from 'vitest';
import { SPARKPLUG } from './sparkplug.js';
import { written } from './written.fixture.js';

const NOW = Date.parse('2026-11-22T08:00:00Z');
const adapted = (topic: string, payload: Buffer) => SPARKPLUG.sessions?.adapt({ topic, payload }, null).adaptation;

describe('a topic', () => {
  it.each(['spBv1.0/g/NCMD/n', 'spBv1.0/g/DCMD/n/d', 'spBv1.0/STATE/host'])('%s says nothing of use', (topic) => {
    expect(adapted(topic, Buffer.from('{"online":true}'))).toEqual([]);
  });

  it.each([
    'spBv1.0/g/NDATA',
    'spBv1.0/g/NDATA/n/d',
    'spBv1.0/g/DDATA/n',
    'spBv1.0/g/XDATA/n',
    'spBv1.0/g/DDATA/n/d/e',
    'spBv1.0//NDATA/n',
    'spAv1.0/g/NDATA/n',
  ])('%s is none', (topic) => {
    expect(adapted(topic, written({ at: NOW }))).toMatchObject({ code: 'topic_not_allowed' });
  });

  it('names its device without its payload, and whose session it is', () => {
    expect(SPARKPLUG.deviceNamed?.('spBv1.0/g/DDATA/n/d')).toBe('g/n/d');
    expect(SPARKPLUG.sessions?.senderOf('spBv1.0/g/DDATA/n/d')).toBe('g/n');
    expect(SPARKPLUG.deviceNamed?.('spBv1.0/STATE/host')).toBe(null);
  });

  it.each(['spBv1.0/g/NCMD/n', `spBv1.0/${'x'.repeat(121)}/NCMD/n`, `spBv1.0/${'x'.repeat(121)}/NDATA/n`])(
    '%s begins no session: it is no word of a node with a name that can be kept',
    (topic) => expect(SPARKPLUG.sessions?.senderOf(topic)).toBe(null),
  );

  it('is a device’s own where the edge node has its user name', () => {
    const own = (name: string) => SPARKPLUG.isOwnName?.(name, 'd-17');
    expect([own('g/d-17'), own('g/d-18'), own('g/x/d-17'), own('d-17')]).toEqual([true, false, false, false]);
  });
});
