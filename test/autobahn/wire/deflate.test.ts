import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deflater, Inflater } from '../../../autobahn/wire/deflate.ts';

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);
const series = fc.array(
  fc
    .record({ word: fc.uint8Array({ minLength: 1, maxLength: 40 }), size: fc.nat(3000) })
    .map(({ word, size }) => Buffer.alloc(size, word)),
  { minLength: 1, maxLength: 6 },
);
const direction = fc.record({ windowBits: fc.integer({ min: 8, max: 15 }), takeover: fc.boolean() });
const SEED = { seed: 20261125, numRuns: 200 };

/** One message of a peer that is free to refer to `before`. */
function squeeze(message: Buffer, before: Buffer, windowBits = 15): Buffer {
  const dictionary = before.length === 0 ? {} : { dictionary: before };
  const octets = deflateRawSync(message, { windowBits, finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
  return octets.subarray(0, -4);
}

/** Octets without a pattern, so that only what came before makes them small. */
function noise(size: number): Buffer {
  let state = 1;
  return Buffer.from(
    Array.from({ length: size }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return state >>> 16;
    }),
  );
}

describe("the suite's compression", () => {
  it('comes back under the same parameters, whatever they are', () => {
    fc.assert(
      fc.property(series, direction, (messages, parameters) => {
        const deflater = new Deflater(parameters);
        const inflater = new Inflater(parameters);
        for (const message of messages) {
          expect(inflater.inflate(deflater.deflate(message)).equals(message)).toBe(true);
        }
      }),
      SEED,
    );
  });

  it('is plain raw DEFLATE: another decoder reads the first message', () => {
    fc.assert(
      fc.property(series, direction, ([message = Buffer.alloc(0)], parameters) => {
        const payload = new Deflater(parameters).deflate(message);
        const read = inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });
        expect(read.equals(message)).toBe(true);
      }),
      SEED,
    );
  });

  it('refers to earlier messages only with context takeover', () => {
    const message = noise(500);
    const second = (takeover: boolean): number => {
      const deflater = new Deflater({ windowBits: 15, takeover });
      deflater.deflate(message);
      return deflater.deflate(message).length;
    };
    expect(second(true)).toBeLessThan(20);
    expect(second(false)).toBeGreaterThan(500);
  });
});

describe('judging the compression of a peer', () => {
  const first = noise(1000);

  it('follows a peer that refers to the message before, as agreed', () => {
    const inflater = new Inflater({ windowBits: 15, takeover: true });
    inflater.inflate(squeeze(first, Buffer.alloc(0)));
    expect(inflater.inflate(squeeze(first, first)).equals(first)).toBe(true);
  });

  it('does not decode a reference to the message before where none was agreed', () => {
    const inflater = new Inflater({ windowBits: 15, takeover: false });
    inflater.inflate(squeeze(first, Buffer.alloc(0)));
    expect(() => inflater.inflate(squeeze(first, first))).toThrow();
  });

  it('does not decode a reference beyond the agreed window into earlier messages', () => {
    const inflater = new Inflater({ windowBits: 9, takeover: true });
    inflater.inflate(squeeze(first, Buffer.alloc(0), 9));
    expect(() => inflater.inflate(squeeze(first, first))).toThrow();
  });

  it('does not decode a reference far beyond the agreed window within a message', () => {
    const far = Buffer.concat([noise(6000), noise(6000)]);
    expect(() =>
      new Inflater({ windowBits: 9, takeover: false }).inflate(squeeze(far, Buffer.alloc(0))),
    ).toThrow();
    expect(new Inflater({ windowBits: 15, takeover: false }).inflate(squeeze(far, Buffer.alloc(0)))).toEqual(
      far,
    );
  });

  it('reads on after a final block', () => {
    const inflater = new Inflater({ windowBits: 15, takeover: true });
    const final = deflateRawSync(first);
    expect(inflater.inflate(Buffer.concat([final, Buffer.from([0])])).equals(first)).toBe(true);
    expect(inflater.inflate(squeeze(first, first)).equals(first)).toBe(true);
  });

  it('refuses octets that are no DEFLATE at all', () => {
    expect(() =>
      new Inflater({ windowBits: 15, takeover: true }).inflate(Buffer.from([0xff, 0xff])),
    ).toThrow();
  });
});
