/** Views by the species of Buffer and by what stands in for it. */
import { describe, expect, it } from 'vitest';
import { bufferView, bufferViews } from '../../src/framework/buffer-view.ts';

const fakes: readonly [string, unknown][] = [
  ['the species', undefined],
  ['nothing', null],
  ['no class', () => Buffer.alloc(3)],
  ['a class of other bytes', Uint8Array],
  ['a class that takes no offset', Object],
];

describe.each(fakes)('a view where there is %s', (_, species) => {
  it('is a Buffer over that very memory', () => {
    const memory = Uint8Array.from([0, 1, 2, 3, 4, 5]).buffer;
    const view = bufferViews(species)(memory, 2, 3);
    expect(view).toStrictEqual(Buffer.from([2, 3, 4]));
    expect(Object.getPrototypeOf(view)).toBe(Buffer.prototype);
    expect(view.buffer).toBe(memory);
    expect(view.subarray(1).toString('hex')).toBe('0304');
  });

  it('refuses what does not lie in the memory', () => {
    expect(() => bufferViews(species)(new ArrayBuffer(4), 2, 3)).toThrow(RangeError);
  });
});

describe('bufferView', () => {
  it('makes what Buffer.from makes', () => {
    expect(bufferView(new ArrayBuffer(4), 1, 2)).toStrictEqual(Buffer.from([0, 0]));
  });
});
