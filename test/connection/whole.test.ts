/** Messages that lie whole in their chunk: judged, decoded, and kept in memory of the right size. */
import { describe, expect, it } from 'vitest';
import { handOn } from '../../src/connection/whole.ts';
import { unknownBits } from '../../src/frame/decoder.ts';
import { runtime } from '../../src/framework/runtime.ts';

interface Case {
  readonly bytes: Uint8Array;
  readonly isText: boolean;
  readonly transformed?: boolean;
  readonly bits?: number;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bitsOf = (bytes: Uint8Array): number => bytes.reduce((bits, byte) => bits | byte, 0);

/** What comes of a message within a chunk, and whether it is in memory of the chunk. */
function handed(
  { bytes, isText, transformed = false, bits = bitsOf(bytes) }: Case,
  lent: boolean,
): { said: string; shares: boolean | undefined } {
  const chunk = Buffer.from(new ArrayBuffer(bytes.length + 2));
  chunk.set(bytes, 1);
  let said = '';
  let shares: boolean | undefined;
  const keep = (kind: string) => (given: Uint8Array) => {
    said = `${kind} ${hex(given)}`;
    shares = given.buffer === chunk.buffer;
  };
  handOn(
    {
      text: (text) => {
        said = `text ${text}`;
      },
      binary: keep('binary'),
      transformed: (given, text) => keep(`transformed ${text ? 'text' : 'binary'}`)(given),
      invalidText: () => {
        said = 'invalid';
      },
    },
    runtime,
    chunk,
    1,
    1 + bytes.length,
    isText,
    transformed,
    lent,
    bits,
  );
  return { said, shares };
}

describe.each([{ lent: false }, { lent: true }])('a whole message, its chunk lent: $lent', ({ lent }) => {
  it.each<[string, Case]>([
    ['text plain', { bytes: Buffer.from('plain'), isText: true }],
    ['text plain', { bytes: Buffer.from('plain'), isText: true, bits: unknownBits }],
    ['text grüße', { bytes: Buffer.from('grüße'), isText: true }],
    ['text ', { bytes: new Uint8Array(0), isText: true }],
    ['invalid', { bytes: Buffer.from([0xc0, 0x80]), isText: true }],
    ['binary c080', { bytes: Buffer.from([0xc0, 0x80]), isText: false }],
    ['binary ', { bytes: new Uint8Array(0), isText: false }],
    ['transformed text c0', { bytes: Buffer.from([0xc0]), isText: true, transformed: true }],
    ['transformed binary c1', { bytes: Buffer.from([0xc1]), isText: false, transformed: true }],
  ])('is %s', (said, message) => {
    expect(handed(message, lent).said).toBe(said);
  });

  it('is never a view of a chunk that is only lent', () => {
    const bytes = Buffer.alloc(100, 7);
    expect(handed({ bytes, isText: false }, lent).shares).toBe(!lent);
    expect(handed({ bytes, isText: true, transformed: true }, lent).shares).toBe(!lent);
  });
});

describe('a whole binary message in a chunk of its own', () => {
  it('keeps no large chunk alive for a small message', () => {
    const kept: Uint8Array[] = [];
    const messages = {
      text: () => {},
      binary: (bytes: Uint8Array) => void kept.push(bytes),
      transformed: () => {},
      invalidText: () => {},
    };
    const binary = (chunk: Uint8Array, start: number, end: number): void =>
      handOn(messages, runtime, chunk, start, end, false, false, false, unknownBits);
    const chunk = Buffer.alloc(65_536);
    binary(chunk, 100, 200);
    binary(chunk, 0, 40_000);
    const small = Buffer.from(new ArrayBuffer(4_000));
    binary(small, 0, 10);
    expect(kept.map(({ buffer }) => buffer === chunk.buffer)).toEqual([false, true, false]);
    expect(kept[2]?.buffer).toBe(small.buffer);
  });
});
