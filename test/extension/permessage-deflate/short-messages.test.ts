import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { longestShort, ShortCompressor } from '../../../src/extension/permessage-deflate/short-messages.ts';
import { noise, records } from './reference.ts';

const tail = Buffer.from('0000ffff', 'hex');

/** What node:zlib reads of a message, given what was sent before. */
const inflate = (payload: Uint8Array, seen: Buffer, windowBits: number): Buffer => {
  const dictionary = seen.subarray(-(2 ** windowBits));
  const options = { windowBits, finishFlush: constants.Z_SYNC_FLUSH };
  return inflateRawSync(
    Buffer.concat([payload, tail]),
    dictionary.length > 0 ? { ...options, dictionary } : options,
  );
};

const deflate = (compressor: ShortCompressor, message: Uint8Array): Buffer =>
  Buffer.from(compressor.deflate(message, message.length));

describe('ShortCompressor', () => {
  it('writes the example of RFC 7692 §7.2.3.1, bit for bit', () => {
    expect(deflate(new ShortCompressor(12), Buffer.from('Hello')).toString('hex')).toBe('f248cdc9c90700');
  });

  it('refers to what it was given before, until it is reset', () => {
    const compressor = new ShortCompressor(12);
    const message = records(200);
    const first = deflate(compressor, message);
    expect(deflate(compressor, message).length).toBeLessThan(10);
    compressor.reset();
    expect(deflate(compressor, message)).toEqual(first);
  });

  it.each([8, 9, 12, 15])('never refers to more than a window of %i bits', (bits) => {
    for (const length of [100, 2 ** bits - 100, 2 ** bits, 2 ** bits + 1]) {
      const compressor = new ShortCompressor(bits);
      const message = noise(100);
      deflate(compressor, message);
      for (let sent = 100; sent < length; ) {
        const filler = noise(Math.min(longestShort, length - sent), sent);
        deflate(compressor, filler);
        sent += filler.length;
      }
      const again = deflate(compressor, message).length;
      if (length > 2 ** bits) expect(again).toBeGreaterThan(100);
      // Behind many other bytes, what was seen may have been forgotten.
      else if (length < 1000) expect(again).toBeLessThan(20);
    }
  });

  it('makes no message longer than a stored block would be', () => {
    const compressor = new ShortCompressor(12);
    for (let length = 1; length <= longestShort; length += 1) {
      const message = noise(length, length).fill(255, 0, length >> 1);
      expect(deflate(compressor, message).length).toBeLessThanOrEqual(length + 6);
      expect(deflate(compressor, noise(length, -length)).length).toBeLessThanOrEqual(length + 6);
    }
  });

  it('copes with matches of every length', () => {
    for (let length = 4; length <= longestShort; length += 1) {
      const compressor = new ShortCompressor(12);
      const message = Buffer.alloc(length, 'ab');
      expect(inflate(deflate(compressor, message), Buffer.alloc(0), 12).equals(message)).toBe(true);
    }
  });

  it('is read by node:zlib, whatever the messages and the window', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: longestShort }),
      fc
        .array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: longestShort })
        .map((list) => Buffer.from(list)),
      fc
        .tuple(fc.integer({ min: 1, max: longestShort }), fc.integer({ min: 1, max: 4 }))
        .map(([length, seed]) => records(length, seed)),
    );
    const step = fc.oneof(
      { weight: 9, arbitrary: bytes },
      { weight: 1, arbitrary: fc.constant('reset' as const) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 15 }), fc.array(step, { maxLength: 40 }), (bits, steps) => {
        const compressor = new ShortCompressor(bits);
        let seen = Buffer.alloc(0);
        for (const each of steps) {
          if (each === 'reset') {
            compressor.reset();
            seen = Buffer.alloc(0);
          } else {
            const message = inflate(deflate(compressor, each), seen, bits);
            expect(message.equals(each)).toBe(true);
            seen = Buffer.concat([seen, message]).subarray(-32_768);
          }
        }
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('stays right when its positions have wrapped many times', () => {
    const compressor = new ShortCompressor(15);
    let seen = Buffer.alloc(0);
    for (let round = 0; round < 600; round += 1) {
      const message = records(700, 1 + (round % 89));
      expect(inflate(deflate(compressor, message), seen, 15).equals(message)).toBe(true);
      seen = Buffer.concat([seen, message]).subarray(-32_768);
    }
  });
});
