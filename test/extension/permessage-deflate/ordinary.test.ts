/** Decompressing in WebAssembly against zlib: what it accepts, zlib accepts, with the same result. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/extension/permessage-deflate/history.ts';
import { inflateCode } from '../../../src/extension/permessage-deflate/inflate-code.ts';
import { inflateOrdinary, longestOrdinary } from '../../../src/extension/permessage-deflate/ordinary.ts';
import { noise, records } from './reference.ts';

const windowBits = 12;
const large = 1 << 20;
const strategies = [
  constants.Z_DEFAULT_STRATEGY,
  constants.Z_FILTERED,
  constants.Z_HUFFMAN_ONLY,
  constants.Z_RLE,
  constants.Z_FIXED,
];

/** @param earlier bytes that came before them, and move the place in the ring at which they begin */
const historyOf = (bytes: Uint8Array, earlier: number): History => {
  const history = new History(windowBits);
  history.append(noise(earlier));
  history.append(bytes);
  return history;
};

const inflate = (payload: Uint8Array, before: Uint8Array, limit = large, earlier = 0): Buffer | undefined => {
  const made = inflateOrdinary(payload, historyOf(before, earlier), limit);
  return made && Buffer.from(made.bytes.subarray(made.start, made.end));
};

const deflate = (message: Uint8Array, before: Uint8Array, level = 6, strategy = 0): Buffer => {
  const options = { level, strategy, windowBits, finishFlush: constants.Z_SYNC_FLUSH };
  const dictionary = before.subarray(-(2 ** windowBits));
  return deflateRawSync(message, dictionary.length === 0 ? options : { ...options, dictionary }).subarray(
    0,
    -4,
  );
};

/** What zlib reads, if it reads all of the payload, the tail that was removed, and a final block behind it. */
const readByZlib = (payload: Uint8Array, before: Uint8Array): Buffer | undefined => {
  const options = { windowBits, chunkSize: 1 << 17, info: true, finishFlush: constants.Z_SYNC_FLUSH };
  const whole = Buffer.concat([payload, Buffer.from('0000ffff010000ffff', 'hex')]);
  try {
    const result: unknown = inflateRawSync(
      whole,
      before.length === 0 ? options : { ...options, dictionary: before },
    );
    if (typeof result !== 'object' || result === null || !('buffer' in result) || !('engine' in result)) {
      return undefined;
    }
    const { buffer, engine } = result;
    const all =
      typeof engine === 'object' &&
      engine !== null &&
      'bytesWritten' in engine &&
      engine.bytesWritten === whole.length;
    return all && Buffer.isBuffer(buffer) ? buffer : undefined;
  } catch {
    return undefined;
  }
};

/** Messages of every kind that deflate has a way for, with a past that they may refer to. */
const message = fc
  .record({
    length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 5000 })),
    letters: fc.integer({ min: 1, max: 256 }),
    seed: fc.integer(),
    isText: fc.boolean(),
    past: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4096 })),
    earlier: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9000 })),
    level: fc.integer({ min: 0, max: 9 }),
    strategy: fc.constantFrom(...strategies),
  })
  .map(({ length, letters, seed, isText, past, earlier, level, strategy }) => {
    const bytes = isText
      ? records(length, 1 + (Math.abs(seed) % 1000))
      : Buffer.from(noise(length, seed).map((byte) => byte % letters));
    const before = records(past, 3);
    return { bytes, before, earlier, payload: deflate(bytes, before, level, strategy) };
  })
  .filter(({ payload }) => payload.length <= longestOrdinary);

describe('inflateOrdinary', () => {
  it('reads what zlib makes of any message, at every level and with every strategy', () => {
    fc.assert(
      fc.property(message, ({ bytes, before, earlier, payload }) => {
        expect(inflate(payload, before, large, earlier)?.equals(bytes)).toBe(true);
      }),
      { seed: 20261125, numRuns: 2000 },
    );
  });

  it('accepts nothing damaged that zlib does not accept, and nothing else of it', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 })), {
      minLength: 1,
      maxLength: 3,
    });
    let accepted = 0;
    fc.assert(
      fc.property(message, flips, fc.boolean(), fc.nat(), ({ payload, before }, bits, early, cut) => {
        const damaged = Buffer.from(payload);
        // The beginning has the codes, where damage does the most.
        const reach = early ? Math.min(40, damaged.length) : damaged.length;
        for (const [at, bit] of bits) damaged[at % reach] = (damaged[at % reach] ?? 0) ^ (1 << bit);
        const part = cut % 4 === 0 ? damaged.subarray(0, 1 + (cut % damaged.length)) : damaged;
        const made = inflate(part, before);
        if (made !== undefined) {
          accepted += 1;
          expect(readByZlib(part, before)?.equals(made)).toBe(true);
        }
      }),
      { seed: 20261125, numRuns: 4000 },
    );
    // Otherwise this would show nothing.
    expect(accepted).toBeGreaterThan(200);
  });

  it('makes nothing of random bytes that zlib does not', () => {
    let accepted = 0;
    for (let seed = 1; seed < 20_000; seed += 1) {
      const bytes = noise(1 + (seed % 60), seed);
      // Fixed codes and codes of its own in turn, not final; and a block behind it that a message may end with.
      bytes[0] = ((bytes[0] ?? 0) & 0xf8) | (seed % 2 === 0 ? 2 : 4);
      const payload = seed % 3 === 0 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes;
      const made = inflate(payload, records(200));
      if (made !== undefined) {
        accepted += 1;
        expect(readByZlib(payload, records(200))?.equals(made)).toBe(true);
      }
    }
    expect(accepted).toBeGreaterThan(20);
  });

  it('finds what came before wherever it lies in the ring, around its end and on into the message', () => {
    const before = Buffer.from(noise(4096, 7));
    for (let earlier = 1; earlier <= 4096; earlier += 85) {
      for (const [from, length] of [
        [0, 300],
        [4000, 96],
        [4090, 6],
        [4096 - earlier - 3, 40],
        [4096 - earlier, 9],
      ] as const) {
        const piece = before.subarray(Math.max(0, from), Math.max(0, from) + length);
        // Three times, so that what lies before the message, or only at its beginning, is referred to as a whole.
        const bytes = Buffer.concat([piece, piece, Buffer.of(1), piece]);
        const payload = deflate(bytes, before);
        expect(inflate(payload, before, large, earlier)?.equals(bytes)).toBe(true);
      }
    }
  });

  it('leaves alone what is cut short, wherever that is', () => {
    const before = records(100);
    const payload = deflate(records(700, 5), before);
    for (let length = 1; length < payload.length; length += 1) {
      const part = payload.subarray(0, length);
      const made = inflate(part, before);
      if (made !== undefined) expect(readByZlib(part, before)?.equals(made)).toBe(true);
    }
  });

  it.each([
    ['a final block', '010500faff48656c6c6f'],
    ['a final block of fixed codes', 'f348cdc9c90700'],
    ['a reserved type of block', '0700'],
    ['a stored block with another length behind it', '000500fbff48656c6c6f00'],
    ['a stored block that is cut short', '000500faff4865'],
    ['bytes behind the end', 'f248cdc9c9070000'],
    ['a distance to before all that was received', 'f200110000'],
  ])('leaves %s to zlib', (_, hex) => {
    expect(inflateOrdinary(Buffer.from(hex, 'hex'), undefined, large)).toBeUndefined();
  });

  it('gives up at one byte more than the limit, whether it is a literal, a match or stored', () => {
    for (const bytes of [noise(300), records(3000), Buffer.alloc(5000), Buffer.alloc(9, 'abcdefghi')]) {
      for (const level of [0, 6]) {
        const payload = deflate(bytes, Buffer.alloc(0), level);
        if (payload.length > longestOrdinary) continue;
        expect(inflate(payload, Buffer.alloc(0), bytes.length)?.equals(bytes)).toBe(true);
        for (let less = 1; less < 6; less += 1) {
          expect(inflate(payload, Buffer.alloc(0), bytes.length - less)).toBeUndefined();
        }
      }
    }
  });

  it('makes no more than 64 KiB, and takes no more than it has room for', () => {
    const most = Buffer.alloc(65_536, 'ab');
    expect(inflate(deflate(most, Buffer.alloc(0)), Buffer.alloc(0))?.equals(most)).toBe(true);
    expect(inflate(deflate(Buffer.alloc(65_537), Buffer.alloc(0)), Buffer.alloc(0))).toBeUndefined();
    expect(inflate(deflate(noise(longestOrdinary), Buffer.alloc(0)), Buffer.alloc(0))).toBeUndefined();
  });

  it('refers to all of its history and to nothing before it', () => {
    const past = noise(4096);
    // zlib does not look as far back as its window reaches, so it needs a larger one for this.
    const options = { windowBits: 13, dictionary: past, finishFlush: constants.Z_SYNC_FLUSH };
    const payload = deflateRawSync(past.subarray(0, 60), options).subarray(0, -4);
    expect(payload.length).toBeLessThan(20);
    expect(inflate(payload, past)?.equals(past.subarray(0, 60))).toBe(true);
    // It never finds the very first byte, so the distance begins at the second one.
    expect(inflate(payload, past.subarray(1))?.equals(past.subarray(0, 60))).toBe(true);
    expect(inflate(payload, past.subarray(2))).toBeUndefined();
    expect(inflate(payload, Buffer.alloc(0))).toBeUndefined();
  });

  it('tells ASCII from what is not, and from what lies behind it', () => {
    const isAscii = (bytes: Uint8Array): boolean | undefined =>
      inflateOrdinary(deflate(bytes, Buffer.alloc(0)), undefined, large)?.isAscii;
    for (let length = 1; length < 40; length += 1) {
      const text = Buffer.alloc(length, 'x');
      expect(isAscii(Buffer.alloc(100, 0xff))).toBe(false);
      expect(isAscii(text)).toBe(true);
      for (let at = 0; at < length; at += 1) {
        text[at] = 0x80;
        expect(isAscii(text)).toBe(false);
        text[at] = 0x7f;
      }
    }
  });
});

describe('the WebAssembly module', () => {
  it('is what the text form assembles to', () => {
    const script = fileURLToPath(new URL('../../../scripts/assemble.js', import.meta.url));
    const path = 'src/extension/permessage-deflate/inflate.wat';
    expect(execFileSync(process.execPath, [script, '--print', path], { encoding: 'utf8' })).toBe(inflateCode);
  });
});
