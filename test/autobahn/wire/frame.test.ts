import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader, type FrameSpec, type SeenFrame, writeFrame } from '../../../autobahn/wire/frame.ts';

const frame = fc.record({
  opcode: fc.nat(15),
  fin: fc.boolean(),
  rsv: fc.nat(7),
  masked: fc.boolean(),
  payload: fc.uint8Array({ maxLength: 300 }),
});
const SEED = { seed: 20261125, numRuns: 300 };

/** Everything in `octets`, read in pieces of `size`. */
function readAll(octets: Buffer, size: number): SeenFrame[] {
  const reader = new FrameReader();
  const seen: SeenFrame[] = [];
  for (let at = 0; at < octets.length; at += size) {
    reader.push(octets.subarray(at, at + size), (one) => seen.push(one));
  }
  expect(reader.midFrame).toBe(false);
  return seen;
}

describe("the suite's frames", () => {
  it('are read as they were written, however they are cut', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.integer({ min: 1, max: 400 }), (frames, size) => {
        const octets = frames.map(({ masked, ...rest }) =>
          writeFrame({ ...rest, mask: masked ? 'always' : 'never' }, false),
        );
        const seen = readAll(Buffer.concat(octets), size);
        expect(
          seen.map(({ opcode, fin, rsv, key, payload }) => ({
            opcode,
            fin,
            rsv,
            masked: key !== null,
            payload: new Uint8Array(payload),
          })),
        ).toEqual(frames);
      }),
      SEED,
    );
  });

  it.each<[form: string, spec: FrameSpec, octets: string]>([
    [
      'RFC 6455 §5.7, unmasked',
      { opcode: 1, payload: Buffer.from('Hello'), mask: 'never' },
      '810548656c6c6f',
    ],
    [
      'RFC 6455 §5.7, masked',
      { opcode: 1, payload: Buffer.from('Hello'), mask: Buffer.from('37fa213d', 'hex') },
      '818537fa213d7f9f4d5158',
    ],
    ['a long form for a short length', { opcode: 2, payload: Buffer.from([1]), form: 16 }, '827e000101'],
    ['the longest form', { opcode: 2, payload: Buffer.from([1]), form: 64 }, '827f000000000000000101'],
    ['a length that is not there', { opcode: 2, claim: 70000n }, '827f0000000000011170'],
  ])('write %s', (_form, spec, octets) => {
    expect(writeFrame(spec, false).toString('hex')).toBe(octets);
  });

  it('are masked with a key of their own each', () => {
    const keys = Array.from({ length: 3000 }, () => writeFrame({ opcode: 9 }, true).toString('hex', 2));
    expect(new Set(keys).size).toBeGreaterThan(2990);
  });
});
