import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isNumbered,
  type Mix,
  numberedMessage,
  numberOf,
  sizes,
} from '../../../reliability/ledger/message.ts';

const mixes = Object.keys(sizes) as Mix[];
const cases = fc.tuple(fc.nat({ max: 0xffff }), fc.constantFrom<Mix>('small', 'mixed'));

describe('numbered messages', () => {
  it('are the same whenever they are made, and say their number', () => {
    fc.assert(
      fc.property(cases, ([sequence, mix]) => {
        const message = numberedMessage(sequence, mix);
        expect(numberOf(message)).toBe(sequence);
        expect(isNumbered(message, sequence, mix)).toBe(true);
        expect(typeof message === 'string').toBe(sequence % 2 === 1);
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('are told apart from every other number', () => {
    fc.assert(
      fc.property(cases, fc.nat({ max: 0xffff }), ([sequence, mix], other) => {
        fc.pre(other !== sequence);
        expect(isNumbered(numberedMessage(sequence, mix), other, mix)).toBe(false);
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('are no longer theirs when one byte of them changes', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.integer({ min: 1, max: 127 }), ([number, mix], at, flip) => {
        const sequence = number * 2;
        const message = Buffer.from(numberedMessage(sequence, mix));
        const place = at % message.length;
        message[place] = (message[place] ?? 0) ^ flip;
        expect(isNumbered(message, sequence, mix)).toBe(false);
        expect(isNumbered(message.subarray(1), sequence, mix)).toBe(false);
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('take the sizes of their mix in turn, up to a MiB', () => {
    for (const mix of mixes) {
      const expected = sizes[mix];
      const actual = expected.map((_, sequence) => numberedMessage(sequence, mix).length);
      expect(actual).toEqual([...expected]);
    }
  });

  it('tell of what carries no number', () => {
    expect(numberOf('')).toBeNaN();
    expect(numberOf('not a number')).toBeNaN();
    expect(numberOf(Buffer.from([0xff, 0xfe]))).toBeNaN();
  });
});
