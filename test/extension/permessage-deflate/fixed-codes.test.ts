import { describe, expect, it } from 'vitest';
import {
  distanceBits,
  distanceExtra,
  lengthCodes,
  literalCodes,
  longestMatch,
} from '../../../src/extension/permessage-deflate/fixed-codes.ts';

/** The bits of an entry as RFC 1951 prints codes: highest bit of the code first, extra bits as a number. */
const read = (bits: number, count: number, code: number): [code: string, extra: number] => {
  const text = bits.toString(2).padStart(count, '0');
  return [
    [...text.slice(count - code)].reverse().join(''),
    Number.parseInt(`0${text.slice(0, count - code)}`, 2),
  ];
};
const readEntry = (entry: number | undefined, code: number) =>
  read((entry ?? 0) >> 4, (entry ?? 0) & 15, code);

describe('fixed codes (RFC 1951 §3.2.6)', () => {
  it.each([
    [0, '00110000'],
    [143, '10111111'],
    [144, '110010000'],
    [255, '111111111'],
  ])('literal %i is %s', (byte, code) => {
    expect(readEntry(literalCodes[byte], code.length)).toEqual([code, 0]);
  });

  it.each([
    [3, '0000001', 0],
    [10, '0001000', 0],
    [11, '0001001', 0],
    [12, '0001001', 1],
    [114, '0010111', 15],
    [115, '11000000', 0],
    [257, '11000100', 30],
    [258, '11000101', 0],
  ])('length %i is %s and %i', (length, code, extra) => {
    expect(readEntry(lengthCodes[length], code.length)).toEqual([code, extra]);
  });

  it('lengths have the extra bits of RFC 1951 §3.2.5', () => {
    const expected = Array.from({ length: longestMatch + 1 }, (_, length) => {
      if (length < 3) return 0;
      if (length === 258) return 8;
      const extra = length < 11 ? 0 : 29 - Math.clz32(length - 3);
      return extra + (length < 115 ? 7 : 8);
    });
    expect(Array.from(lengthCodes, (entry) => entry & 15)).toEqual(expected);
  });

  it.each([
    [1, '00000', 0, 0],
    [4, '00011', 0, 0],
    [5, '00100', 1, 0],
    [6, '00100', 1, 1],
    [7, '00101', 1, 0],
    [256, '01111', 6, 63],
    [257, '10000', 7, 0],
    [24_577, '11101', 13, 0],
    [32_768, '11101', 13, 8191],
  ])('distance %i is %s and %i extra bits, %i', (distance, code, bits, value) => {
    const extra = distanceExtra(distance - 1);
    expect(extra).toBe(bits);
    expect(read(distanceBits(distance - 1, extra), 5 + extra, 5)).toEqual([code, value]);
  });
});
