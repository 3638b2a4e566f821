import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { constants, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Compressor,
  longestMessage,
  longestText,
} from '../../../src/extension/permessage-deflate/compressor.ts';
import { deflateCode } from '../../../src/extension/permessage-deflate/deflate-code.ts';
import type { LentMessage } from '../../../src/extension/types.ts';
import { actNearTheEnd } from './full-stack.ts';
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

/** The bytes of a message that goes to the peer. */
const copied = (made: LentMessage): Buffer => {
  const { bytes, start, end } = made;
  made.taken = true;
  return Buffer.from(bytes.subarray(start, end));
};

const deflate = (compressor: Compressor, message: Uint8Array): Buffer => copied(compressor.deflate(message));

/** Bytes below a bound; the greater the slope, the more of them are small. The same for the same arguments. */
const drawn = (length: number, letters: number, slope: number, seed: number): Buffer =>
  Buffer.from(noise(length, seed).map((byte) => Math.floor((byte / 256) ** (1 + slope) * letters)));

describe('Compressor', () => {
  it('writes the example of RFC 7692 §7.2.3.1, bit for bit', () => {
    expect(deflate(new Compressor(12), Buffer.from('Hello')).toString('hex')).toBe('f248cdc9c90700');
  });

  it('refers to what it was given before, until it is reset', () => {
    const compressor = new Compressor(12);
    const message = records(200);
    const first = deflate(compressor, message);
    expect(deflate(compressor, message).length).toBeLessThan(10);
    compressor.reset();
    expect(deflate(compressor, message)).toEqual(first);
  });

  it.each([8, 9, 12, 15])('never refers to more than a window of %i bits', (bits) => {
    for (const length of [100, 2 ** bits - 100, 2 ** bits, 2 ** bits + 1]) {
      const compressor = new Compressor(bits);
      const message = noise(100);
      deflate(compressor, message);
      for (let sent = 100; sent < length; ) {
        const filler = noise(Math.min(longestMessage, length - sent), sent);
        deflate(compressor, filler);
        sent += filler.length;
      }
      const again = deflate(compressor, message).length;
      if (length > 2 ** bits) expect(again).toBeGreaterThan(100);
      // Behind many other bytes, what was seen may have been forgotten.
      else if (length < 1000) expect(again).toBeLessThan(20);
    }
  });

  it('copes with matches of every length', () => {
    for (let length = 4; length <= 1100; length += 1) {
      const compressor = new Compressor(12);
      const message = Buffer.alloc(length, 'ab');
      expect(inflate(deflate(compressor, message), Buffer.alloc(0), 12).equals(message)).toBe(true);
      compressor.close();
    }
  });

  it('is read by node:zlib, whatever the messages and the window', () => {
    const length = fc.oneof(
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 9000 }),
      fc.integer({ min: 60_000, max: longestMessage }),
    );
    // Of few different bytes and many, all as often or not, and of what repeats.
    const bytes = fc
      .tuple(length, fc.integer({ min: 1, max: 256 }), fc.integer({ min: 0, max: 3 }), fc.integer())
      .map(([size, letters, slope, seed]) => drawn(size, letters, slope, seed));
    const text = fc.tuple(length, fc.integer({ min: 1, max: 4 })).map(([size, seed]) => records(size, seed));
    const step = fc.oneof(
      { weight: 5, arbitrary: bytes },
      { weight: 4, arbitrary: text },
      { weight: 1, arbitrary: fc.constant('reset' as const) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 15 }), fc.array(step, { maxLength: 12 }), (bits, steps) => {
        const compressor = new Compressor(bits);
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
    const compressor = new Compressor(15);
    let seen = Buffer.alloc(0);
    for (let round = 0; round < 600; round += 1) {
      const message = records(700, 1 + (round % 89));
      expect(inflate(deflate(compressor, message), seen, 15).equals(message)).toBe(true);
      seen = Buffer.concat([seen, message]).subarray(-32_768);
    }
  });

  it('makes the same of a message after a reset as at first, whatever it was used for', () => {
    const compressor = new Compressor(12);
    const message = records(3000, 5);
    const first = deflate(compressor, message);
    for (let round = 1; round < 30; round += 1) {
      deflate(compressor, records(2500 + round, 5));
      compressor.reset();
      expect(deflate(compressor, message)).toEqual(first);
      compressor.reset();
    }
  });

  it('has codes of its own for what fixed codes are not made for', () => {
    const compressor = new Compressor(12);
    // Sixteen letters: four bits each. A fixed code takes eight.
    const message = Buffer.from(noise(3000).map((byte) => byte & 15));
    expect(deflate(compressor, message).length).toBeLessThan(1800);
  });

  it('takes a message of 64 KiB whatever it is, and none that is longer', () => {
    const compressor = new Compressor(12);
    for (const message of [noise(longestMessage), Buffer.alloc(longestMessage), records(longestMessage)]) {
      compressor.reset();
      expect(inflate(deflate(compressor, message), Buffer.alloc(0), 12).equals(message)).toBe(true);
    }
    expect(() => compressor.deflate(new Uint8Array(longestMessage + 1))).toThrow(RangeError);
    compressor.close();
  });

  it('compresses text as its UTF-8, with what UTF-8 has for half a character', () => {
    const texts = [
      'hello',
      'é',
      '語'.repeat(longestText),
      '🐢'.repeat(600),
      'a\ud800b',
      '\udc00',
      'x'.repeat(longestText),
    ];
    const compressor = new Compressor(12);
    const other = new Compressor(12);
    for (const text of [...texts, ...texts]) {
      expect(copied(compressor.deflateText(text))).toEqual(deflate(other, Buffer.from(text)));
    }
    compressor.close();
    other.close();
  });

  it('are many, each with bytes of its own', () => {
    const compressors = Array.from({ length: 200 }, () => new Compressor(12));
    const made = compressors.map((compressor, index) => deflate(compressor, noise(700, index + 1)).length);
    expect(Math.min(...made)).toBeGreaterThan(700);
    for (const [index, compressor] of compressors.entries()) {
      const again = deflate(compressor, noise(700, index + 1));
      expect(again.length).toBeLessThan(40);
      expect(inflate(again, noise(700, index + 1), 12).equals(noise(700, index + 1))).toBe(true);
    }
    for (const compressor of compressors) compressor.close();
    const later = new Compressor(12);
    expect(deflate(later, noise(700, 1)).length).toBeGreaterThan(700);
    later.close();
  });
});

describe('a message that an error cuts off', () => {
  const secret = records(400, 7);
  const other = Buffer.from('nothing else is in here. '.repeat(200));

  /** What two connections read after an attempt to send `secret` on the first, which may have failed. */
  const readAfter = (attempt: (compressor: Compressor) => void): boolean => {
    const compressor = new Compressor(12);
    const neighbour = new Compressor(12);
    const before = records(300, 5);
    deflate(compressor, before);
    let seen = before;
    try {
      attempt(compressor);
      seen = Buffer.concat([seen, secret]);
    } catch {}
    const fine =
      inflate(deflate(neighbour, other), Buffer.alloc(0), 12).equals(other) &&
      inflate(deflate(compressor, secret), seen, 12).equals(secret);
    compressor.close();
    neighbour.close();
    return fine;
  };

  it('between two of its parts shows in no other message, and is not referred to', () => {
    const long = noise(10_000, 3);
    let calls = 0;
    const subarray = (start?: number, end?: number): Uint8Array => {
      calls += 1;
      if (calls === 3) throw new RangeError('cut off');
      return Uint8Array.prototype.subarray.call(long, start, end);
    };
    const cut = Object.defineProperty(Buffer.from(long), 'subarray', { value: subarray });
    expect(readAfter((compressor) => compressor.deflate(cut))).toBe(true);
    expect(calls).toBe(3);
  });

  it('on its way to the peer is not referred to', () => {
    const fine = readAfter((compressor) => {
      compressor.deflate(secret);
      throw new RangeError('cut off');
    });
    expect(fine).toBe(true);
  });

  it('since the stack is full does neither, wherever that is', () => {
    let succeeded = 0;
    let failed = 0;
    const attempt = (calls: number, bytes: number): void => {
      const fine = readAfter((compressor) => {
        const thrown = actNearTheEnd(calls, bytes, () => {
          compressor.deflate(secret).taken = true;
        });
        if (thrown === undefined) succeeded += 1;
        else {
          failed += 1;
          throw thrown;
        }
      });
      expect(fine).toBe(true);
    };
    // First where there is room, since compiling takes a lot of it.
    attempt(2000, 0);
    for (let calls = 1; calls < 40; calls += 1) {
      for (let bytes = 0; bytes < 128; bytes += 16) attempt(calls, bytes);
    }
    attempt(2000, 0);
    expect(failed).toBeGreaterThan(0);
    expect(succeeded).toBeGreaterThan(0);
  });
});

describe('the WebAssembly module', () => {
  it('is what the text form assembles to', () => {
    const script = fileURLToPath(new URL('../../../scripts/assemble.js', import.meta.url));
    const path = 'src/extension/permessage-deflate/deflate.wat';
    expect(execFileSync(process.execPath, [script, '--print', path], { encoding: 'utf8' })).toBe(deflateCode);
  });
});
