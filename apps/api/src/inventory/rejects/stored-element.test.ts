import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storedElement } from './stored-element.js';

it('is that element, whatever stands around it', () => {
  fc.assert(
    fc.property(fc.array(fc.json(), { minLength: 1, maxLength: 6 }), fc.nat(5), (elements, at) => {
      const index = at % elements.length;
      const text = ` [${elements.join(' , ')}]`;
      expect(storedElement(text, index)).toBe(elements[index]?.trim());
    }),
  );
});

it('is found in an array that was cut after it, and never in part', () => {
  const text = '[{"a":"x,]\\"}"},{"b":[1,2]},{"c":3}]';
  expect(storedElement(text.slice(0, 20), 0)).toBe('{"a":"x,]\\"}"}');
  for (let end = 0; end < text.length; end += 1) {
    const element = storedElement(text.slice(0, end), 1);
    expect([null, '{"b":[1,2]}']).toContain(element === '' || end < 2 ? null : element);
  }
});

it('is the text itself when that is no array', () => {
  expect(storedElement('{"metric":"unlock"}', 4)).toBe('{"metric":"unlock"}');
});
