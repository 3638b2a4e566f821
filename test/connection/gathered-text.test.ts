import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EncodedText } from '../../src/connection/encoded-text.ts';
import { GatheredText, relayLimit, textPart, waitingParts } from '../../src/connection/gathered-text.ts';
import type { Runtime } from '../../src/connection/port.ts';
import { runtime as node } from '../../src/framework/runtime.ts';

const bitsOf = (bytes: Uint8Array): number => bytes.reduce((bits, byte) => bits | byte, 0);

/** A runtime that counts what it lends and keeps what it is told. */
function watched() {
  const lent = new Set<Uint8Array>();
  const told: { text: string; encoded: EncodedText }[] = [];
  const sizes: number[] = [];
  const decoded: number[] = [];
  const runtime: Runtime = {
    ...node,
    decodeUtf8: (bytes, start, end) => {
      decoded.push(end - start);
      return node.decodeUtf8(bytes, start, end);
    },
    decodeLatin1: (bytes, start, end) => {
      decoded.push(end - start);
      return node.decodeLatin1(bytes, start, end);
    },
    allocate: (size) => {
      sizes.push(size);
      return node.allocate(size);
    },
    takeSlab: (size) => {
      const slab = Buffer.alloc(size, 0xee);
      sizes.push(size);
      lent.add(slab);
      return slab;
    },
    releaseSlab: (slab) => {
      if (!lent.delete(slab)) throw new Error('released twice, or never lent');
      slab.fill(0xdd);
    },
    remember: (text, encoded) => void told.push({ text, encoded }),
  };
  return { runtime, lent, told, sizes, decoded };
}

/** Gives all bytes as one frame, cut every `size` bytes. */
function give(target: GatheredText, bytes: Uint8Array, size: number): boolean {
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    if (!target.push(piece, 0, piece.length, bitsOf(piece), bytes.length - at)) return false;
  }
  return true;
}

const alphabets = ['plain text', 'größer', 'здравствуй', '世界你好', '🐢🦜', 'aé語🐢 '];

/** Whether its string surely takes no more memory than its bytes. */
const isCompact = (text: string): boolean => {
  const bytes = Buffer.byteLength(text);
  return bytes === text.length || text.length * 2 <= bytes;
};

describe('gathered text', () => {
  it.each(alphabets)('of an unfinished text of "%s" keeps the bytes alone, while they are few', (letters) => {
    const bytes = Buffer.from(letters.repeat(50_000)).subarray(0, textPart + 9);
    const { runtime, lent, sizes, decoded } = watched();
    const target = new GatheredText(runtime);
    for (const [at, byte] of bytes.entries())
      expect(target.push(Uint8Array.of(byte), 0, 1, byte, 1_000_000 - at)).toBe(true);
    expect(lent.size).toBe(1);
    expect(decoded).toEqual([]);
    expect(sizes.at(-1)).toBeLessThanOrEqual(1_024);
  });

  it.each(alphabets)(
    'of a long text of "%s" keeps the strings, and their bytes too when these are as many',
    (letters) => {
      const parts = 30;
      const bytes = Buffer.from(letters.repeat(300_000)).subarray(0, parts * textPart + 9);
      const { runtime, lent, decoded } = watched();
      const target = new GatheredText(runtime);
      expect(give(target, bytes, 65_521)).toBe(true);
      expect(decoded.length).toBe(parts - waitingParts);
      expect(lent.size).toBe(isCompact(letters) ? parts : waitingParts);
    },
  );

  it.each(alphabets)('decodes a text of "%s" however it is cut, around the size of a part', (letters) => {
    for (const size of [
      textPart - 1,
      textPart,
      textPart + 1,
      2 * textPart,
      2 * textPart + 7,
      3 * textPart + 2,
      19 * textPart + 5,
    ]) {
      const text = letters.repeat(Math.ceil(size / Buffer.byteLength(letters)));
      const bytes = Buffer.from(text);
      for (const cut of [777, 65_521, textPart, bytes.length]) {
        const { runtime, lent, told } = watched();
        const target = new GatheredText(runtime);
        expect(give(target, bytes, cut)).toBe(true);
        expect(target.take() === text).toBe(true);
        for (const { text: remembered, encoded } of told) {
          expect(remembered === text).toBe(true);
          expect(Buffer.concat(encoded.parts).equals(bytes)).toBe(true);
          encoded.giveBack();
        }
        expect(told.length).toBe(bytes.length > textPart && isCompact(letters) ? 1 : 0);
        expect(lent.size).toBe(0);
      }
    }
  });

  it('gives text exactly when it is UTF-8, beyond the size of a part', () => {
    const ends = fc.tuple(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }));
    const around = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(ends, around, fc.integer({ min: 20_000, max: 70_000 }), ([middle, end], shift, cut) => {
        const filler = Buffer.alloc(textPart + shift, 'x');
        const bytes = Buffer.concat([filler, middle, Buffer.alloc(30_000, 'y'), end]);
        const { runtime } = watched();
        const target = new GatheredText(runtime);
        const text = give(target, bytes, cut) ? target.take() : undefined;
        expect(text === (isUtf8(bytes) ? bytes.toString() : undefined)).toBe(true);
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('fails at the first impossible byte of any part, and starts afresh', () => {
    const target = new GatheredText(node);
    expect(give(target, Buffer.alloc(3 * textPart, 'x'), 50_000)).toBe(true);
    expect(target.push(Uint8Array.of(0x61, 0xff), 0, 2, 0xff, 2)).toBe(false);
    target.reset();
    expect(give(target, Buffer.from('grüße'), 2)).toBe(true);
    expect(target.take()).toBe('grüße');
    expect(give(target, Buffer.from('ü').subarray(0, 1), 1)).toBe(true);
    expect(target.take()).toBeUndefined();
    expect(give(target, Buffer.from('ü'), 1)).toBe(true);
    expect(target.take()).toBe('ü');
    expect(target.take()).toBe('');
  });

  it('leaves so many parts for the end of a text, and the decoding of one to each that comes', () => {
    const { runtime, decoded } = watched();
    const target = new GatheredText(runtime);
    const bytes = Buffer.from('世界'.repeat(500_000));
    let most = 0;
    for (let at = 0; at < bytes.length; at += 60_000) {
      const before = decoded.length;
      expect(give(target, bytes.subarray(at, at + 60_000), 60_000)).toBe(true);
      most = Math.max(most, decoded.length - before);
    }
    expect(most).toBe(1);
    const before = decoded.length;
    expect(target.take() === bytes.toString()).toBe(true);
    expect(decoded.length - before).toBe(waitingParts + 1);
    expect(Math.max(...decoded)).toBeLessThanOrEqual(textPart);
  });

  it('holds what came, not what was declared, and keeps no bytes beyond the limit for relays', () => {
    const small = watched();
    const target = new GatheredText(small.runtime);
    for (let index = 0; index < 1_000; index += 1) target.push(Uint8Array.of(0x61), 0, 1, 0x61, 100_000_000);
    expect(Math.max(...small.sizes)).toBeLessThanOrEqual(2_048);

    const large = watched();
    const text = 'ж'.repeat(relayLimit);
    const other = new GatheredText(large.runtime);
    expect(give(other, Buffer.from(text), textPart)).toBe(true);
    expect(large.lent.size).toBe(waitingParts + 1);
    expect(other.take() === text).toBe(true);
    expect(large.told).toEqual([]);
    expect(large.lent.size).toBe(0);
  });
});
