/** UTF-8 validation (RFC 3629) against Node's own: all short inputs, however cut, and failure at the first bad byte. */
import { isUtf8 as native } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUtf8, Utf8Validator } from '../../src/frame/utf8.ts';

const settings = { seed: 20261125, numRuns: 1_000 };

/** The highest and lowest of each class of bytes that the grammar tells apart. */
const edges = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
  0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

/** Pushes the pieces between the cuts. */
function inPieces(validator: Utf8Validator, bytes: Uint8Array, cuts: readonly number[]): boolean {
  let from = 0;
  for (const edge of [...cuts, bytes.length]) {
    if (!validator.push(bytes, from, edge)) return false;
    from = edge;
  }
  return validator.complete;
}

/** Bytes that are mostly text: pieces of good sequences, and bad ones here and there. */
const almostText = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => Buffer.from(text)),
      },
      { weight: 1, arbitrary: fc.constantFrom(...edges).map((byte) => Buffer.of(byte)) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }).map((bytes) => Buffer.from(bytes)) },
    ),
    { maxLength: 24 },
  )
  .map((pieces) => Buffer.concat(pieces));

describe('T-UTF8', () => {
  it('agrees with buffer.isUtf8 on all inputs of one and two bytes, however cut', () => {
    const bytes = new Uint8Array(2);
    const validator = new Utf8Validator();
    let wrong = 0;
    for (let first = 0; first < 256; first += 1) {
      bytes[0] = first;
      if (isUtf8(bytes, 0, 1) !== native(bytes.subarray(0, 1))) wrong += 1;
      for (let second = 0; second < 256; second += 1) {
        bytes[1] = second;
        const expected = native(bytes);
        validator.reset();
        const cut = validator.push(bytes, 0, 1) && validator.push(bytes, 1, 2) && validator.complete;
        if (isUtf8(bytes) !== expected || cut !== expected) wrong += 1;
      }
    }
    expect(wrong).toBe(0);
  });

  it('agrees with buffer.isUtf8 on inputs of three bytes: all, but of ASCII in front only its ends', () => {
    const bytes = new Uint8Array(3);
    const validator = new Utf8Validator();
    const wrong: string[] = [];
    for (let first = 0; first < 256; first += first === 0 ? 0x7f : 1) {
      bytes[0] = first;
      validator.reset();
      // What cannot begin a text cannot be mended by what follows; 65 536 native calls would only say so again.
      if (!validator.push(bytes, 0, 1)) {
        for (const second of edges) {
          for (const third of edges) {
            if (native(Uint8Array.of(first, second, third))) wrong.push(`${first} ${second} ${third}`);
          }
        }
        continue;
      }
      for (let second = 0; second < 256; second += 1) {
        bytes[1] = second;
        validator.reset();
        if (!validator.push(bytes, 0, 2)) {
          for (const third of edges) {
            if (native(Uint8Array.of(first, second, third))) wrong.push(`${first} ${second} ${third}`);
          }
          continue;
        }
        for (let third = 0; third < 256; third += 1) {
          bytes[2] = third;
          validator.reset();
          const valid = validator.push(bytes, 0, 1) && validator.push(bytes, 1, 3) && validator.complete;
          if (valid !== native(bytes)) wrong.push(`${first} ${second} ${third}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('agrees with buffer.isUtf8 on all inputs of four bytes from the edges of the classes', () => {
    const wrong: number[][] = [];
    for (const a of edges.filter((byte) => byte >= 0xe0)) {
      for (const b of edges) {
        for (const c of edges) {
          for (const d of edges) {
            const bytes = Uint8Array.of(a, b, c, d);
            if (isUtf8(bytes) !== native(bytes)) wrong.push([a, b, c, d]);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('accepts every code point but the surrogates, in its one form', () => {
    const validator = new Utf8Validator();
    for (let point = 0; point <= 0x10_ffff; point += point < 0x1_0000 ? 1 : 251) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      if (!validator.push(Buffer.from(String.fromCodePoint(point))) || !validator.complete) {
        expect.fail(`U+${point.toString(16)}`);
      }
    }
    expect(validator.complete).toBe(true);
  });

  it.each([
    ['overlong slash, 2 bytes', [0xc0, 0xaf]],
    ['overlong slash, 3 bytes', [0xe0, 0x80, 0xaf]],
    ['overlong slash, 4 bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['lowest surrogate', [0xed, 0xa0, 0x80]],
    ['highest surrogate', [0xed, 0xbf, 0xbf]],
    ['above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['5-byte lead', [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ['lone continuation', [0x80]],
    ['lead after lead', [0xc3, 0xc3]],
    ['byte order mark in UTF-16', [0xfe, 0xff]],
  ])('refuses %s', (_name, bytes) => {
    expect(isUtf8(Uint8Array.from(bytes))).toBe(false);
    expect(native(Uint8Array.from(bytes))).toBe(false);
  });

  it('fails at the first byte that no valid text can have there', () => {
    fc.assert(
      fc.property(almostText, (bytes) => {
        const validator = new Utf8Validator();
        for (let at = 0; at < bytes.length; at += 1) {
          const accepted = validator.push(bytes, at, at + 1);
          // What was taken so far must be the beginning of some text: one of these completes it, or none can.
          const begun = bytes.subarray(0, at + 1);
          const endings = [
            '',
            '80',
            '8080',
            '808080',
            'a0',
            'a080',
            '90',
            '9080',
            '908080',
            '9f',
            '9f80',
            '8f8080',
          ];
          const possible = endings.some((ending) =>
            native(Buffer.concat([begun, Buffer.from(ending, 'hex')])),
          );
          expect(accepted, begun.toString('hex')).toBe(possible);
          if (!accepted) return;
        }
        expect(validator.complete).toBe(native(bytes));
      }),
      settings,
    );
  });
});

describe('Utf8Validator', () => {
  it('gives one answer for any cuts, with a native check and without', () => {
    fc.assert(
      fc.property(almostText, fc.array(fc.nat(400), { maxLength: 6 }), (bytes, wishes) => {
        const cuts = wishes.map((wish) => Math.min(wish, bytes.length)).sort((a, b) => a - b);
        const expected = native(bytes);
        expect(inPieces(new Utf8Validator(), bytes, cuts)).toBe(expected);
        expect(inPieces(new Utf8Validator(native), bytes, cuts)).toBe(expected);
        expect(isUtf8(bytes)).toBe(expected);
      }),
      { ...settings, numRuns: 3_000 },
    );
  });

  it('gives large pieces to the native check in whole sequences only, cut anywhere', () => {
    const text = Buffer.from(`${'a'.repeat(31)}é€😀${'b'.repeat(40)}😀€é${'😀'.repeat(12)}`);
    const given: Uint8Array[] = [];
    for (let cut = 0; cut <= text.length; cut += 1) {
      const validator = new Utf8Validator((bytes) => {
        given.push(bytes);
        return native(bytes);
      });
      expect(inPieces(validator, text, [cut]), `cut at ${cut}`).toBe(true);
    }
    expect(given.length).toBeGreaterThan(text.length);
    expect(given.every((bytes) => native(bytes))).toBe(true);
  });

  it.each([
    ['before the native check', [0x41, ...Array.from({ length: 40 }, () => 0x41)], [0xc3]],
    [
      'within it',
      [...Array.from({ length: 40 }, () => 0x41), 0xff, ...Array.from({ length: 40 }, () => 0x41)],
      [],
    ],
    ['after it, in the sequence cut off', [...Array.from({ length: 40 }, () => 0x41), 0xf4, 0x90], []],
    ['after it, as a lead of five', [...Array.from({ length: 40 }, () => 0x41), 0xf8], []],
  ])('finds a bad byte %s', (_name, piece, before) => {
    const validator = new Utf8Validator(native);
    expect(validator.push(Uint8Array.from(before))).toBe(true);
    expect(validator.push(Uint8Array.from(piece))).toBe(false);
  });

  it('can be used again after a reset', () => {
    const validator = new Utf8Validator();
    for (const lead of [0xe0, 0xed, 0xf0, 0xf4]) {
      expect(validator.push(Uint8Array.of(lead))).toBe(true);
      expect(validator.complete).toBe(false);
      validator.reset();
      expect(validator.complete).toBe(true);
      expect(validator.push(Buffer.from('\u{800}\u{fffd}'))).toBe(true);
      expect(validator.complete).toBe(true);
    }
  });

  it('takes an empty piece at any time', () => {
    const validator = new Utf8Validator();
    expect(validator.push(new Uint8Array(0))).toBe(true);
    expect(validator.push(Uint8Array.of(0xe2, 0x82))).toBe(true);
    expect(validator.push(new Uint8Array(0))).toBe(true);
    expect(validator.complete).toBe(false);
    expect(validator.push(Uint8Array.of(0xac))).toBe(true);
    expect(validator.complete).toBe(true);
  });
});

describe('isUtf8', () => {
  it('looks at the given part only', () => {
    const bytes = Uint8Array.of(0xff, 0xc3, 0xa9, 0xff);
    expect(isUtf8(bytes, 1, 3)).toBe(true);
    expect(isUtf8(bytes, 1, 2)).toBe(false);
    expect(isUtf8(bytes, 1)).toBe(false);
  });
});
