/** Masking (RFC 6455 §5.3) against a naive byte loop, at every alignment and around every threshold. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAsciiBits, mask, rotateKey, wordsOf } from '../../src/frame/mask.ts';

const settings = { seed: 20261125, numRuns: 500 };
const keyOf = ([a = 0, b = 0, c = 0, d = 0]: readonly number[]): number =>
  a | (b << 8) | (c << 16) | (d << 24);

/** §5.3 to the letter: octet i is XORed with octet i modulo 4 of the key. */
const naive = (bytes: Uint8Array, key: readonly number[]): Uint8Array =>
  bytes.map((byte, index) => byte ^ (key[index % 4] ?? 0));

const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (Math.imul(index + 1, 2_654_435_761) >>> 13) & 0xff);

describe('mask', () => {
  it('masks the "Hello" of RFC 6455 §5.7', () => {
    const bytes = new TextEncoder().encode('Hello');
    mask(bytes, 0, 5, keyOf([0x37, 0xfa, 0x21, 0x3d]));
    expect([...bytes]).toEqual([0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  });

  it('equals the byte loop for lengths 0 to 80 at every alignment, and touches nothing else', () => {
    const key = [0x80, 0x01, 0xfe, 0x37];
    for (let offset = 0; offset < 8; offset += 1) {
      for (let length = 0; length <= 80; length += 1) {
        const source = noise(length);
        const memory = new Uint8Array(length + 16).fill(0xaa);
        memory.set(source, offset);
        const bits = mask(memory, offset, offset + length, keyOf(key));
        const expected = naive(source, key);
        const around = new Uint8Array(length + 16).fill(0xaa);
        around.set(expected, offset);
        expect(memory, `offset ${offset}, length ${length}`).toEqual(around);
        expect(isAsciiBits(bits), `offset ${offset}, length ${length}`).toBe(
          expected.every((byte) => byte < 0x80),
        );
      }
    }
  });

  it('works in a view that begins at any offset of its memory, with or without the words given', () => {
    const key = [1, 2, 3, 4];
    for (let offset = 0; offset < 8; offset += 1) {
      for (const length of [47, 48, 49, 63, 64, 65, 1_000]) {
        const view = new Uint8Array(new ArrayBuffer(offset + length + 5), offset, length + 2);
        view.set(noise(length), 1);
        mask(view, 1, 1 + length, keyOf(key));
        expect(view.subarray(1, 1 + length)).toEqual(naive(noise(length), key));
        mask(view, 1, 1 + length, keyOf(key), wordsOf(view));
        expect(view.subarray(1, 1 + length)).toEqual(noise(length));
        expect([view[0], view[length + 1]]).toEqual([0, 0]);
      }
    }
  });

  it('twice is nothing, for any bytes, key and offsets', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer(),
        fc.nat(20),
        fc.nat(20),
        (bytes, key, start, cutOff) => {
          const from = Math.min(start, bytes.length);
          const to = Math.max(from, bytes.length - cutOff);
          const twice = Uint8Array.from(bytes);
          mask(twice, from, to, key);
          mask(twice, from, to, key);
          expect(twice).toEqual(bytes);
        },
      ),
      settings,
    );
  });

  it('in two pieces with the key rotated is the same as at once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.nat(300), (bytes, key, wish) => {
        const cut = Math.min(wish, bytes.length);
        const once = Uint8Array.from(bytes);
        const pieces = Uint8Array.from(bytes);
        const bits = mask(once, 0, bytes.length, key);
        const first = mask(pieces, 0, cut, key);
        const second = mask(pieces, cut, bytes.length, rotateKey(key, cut));
        expect(pieces).toEqual(once);
        expect(isAsciiBits(first | second)).toBe(isAsciiBits(bits));
      }),
      settings,
    );
  });

  it('notices one byte above 0x7f wherever it is', () => {
    for (let at = 0; at < 200; at += 1) {
      const bytes = new Uint8Array(200).fill(0x41);
      bytes[at] = 0x80;
      expect(isAsciiBits(mask(bytes, 0, 200, 0)), `at ${at}`).toBe(false);
    }
    expect(isAsciiBits(mask(new Uint8Array(200).fill(0x7f), 0, 200, 0))).toBe(true);
  });

  it('leaves bytes alone when the key is zero', () => {
    const bytes = noise(256);
    mask(bytes, 0, 256, 0);
    expect(bytes).toEqual(noise(256));
  });
});

describe('rotateKey', () => {
  it('gives the key for the byte after so many', () => {
    const key = keyOf([0x11, 0x22, 0x33, 0xff]);
    expect(rotateKey(key, 0)).toBe(key);
    expect(rotateKey(key, 1)).toBe(keyOf([0x22, 0x33, 0xff, 0x11]));
    expect(rotateKey(key, 2)).toBe(keyOf([0x33, 0xff, 0x11, 0x22]));
    expect(rotateKey(key, 3)).toBe(keyOf([0xff, 0x11, 0x22, 0x33]));
    expect(rotateKey(key, 4)).toBe(key);
  });

  it('adds up, beyond 2^32 bytes too', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), (key, a, b) => {
        expect(rotateKey(rotateKey(key, a), b)).toBe(rotateKey(key, a + b));
        expect(rotateKey(key, a + 2 ** 40)).toBe(rotateKey(key, a));
      }),
      settings,
    );
  });
});

describe('wordsOf', () => {
  it('covers all whole words of the memory behind a view', () => {
    expect(wordsOf(new Uint8Array(new ArrayBuffer(11), 3, 2)).length).toBe(2);
    expect(wordsOf(new Uint8Array(0)).length).toBe(0);
  });
});
