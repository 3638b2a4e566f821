/**
 * The two ways of calling zlib against each other: whatever comes in, live contexts and documented one-shot calls
 * make the same of it. The inputs are what peers send, cut, damaged, and with something behind.
 */
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Direction } from '../../../src/extension/permessage-deflate/negotiation.ts';
import { inbound, noise, noTakeover, openExtension, openSession, records, takeover } from './reference.ts';

/** More than any of the inputs can become: a message both broken and too long may be called either. */
const limit = 1 << 26;

/** What a session makes of messages, up to the first violation. */
const readAll = async (
  access: 'direct' | 'public',
  peer: Direction,
  payloads: readonly Uint8Array[],
): Promise<string[]> => {
  const session = openSession(openExtension(access).shared, takeover(12), peer);
  const results: string[] = [];
  for (const payload of payloads) {
    const result = await inbound(session, payload, limit);
    results.push(typeof result === 'string' ? result : `= ${result.toString('latin1')}`);
    if (typeof result === 'string') break;
  }
  session.dispose();
  return results;
};

const agree = async (peer: Direction, payloads: readonly Uint8Array[]): Promise<string[]> => {
  const direct = await readAll('direct', peer, payloads);
  expect([payloads, await readAll('public', peer, payloads)]).toEqual([payloads, direct]);
  return direct;
};

const tail = 4;
const compressed = (message: Uint8Array, level: number, finishFlush: number): Buffer => {
  const flushed = deflateRawSync(message, { level, finishFlush });
  return finishFlush === constants.Z_SYNC_FLUSH ? flushed.subarray(0, -tail) : flushed;
};

describe('live contexts and one-shot calls agree', () => {
  const ends = ['', '00', '01', '02', '03', '0300', '0000', '0100', '0000ffff', '010000ffff', 'f8', 'ff'].map(
    (hex) => Buffer.from(hex, 'hex'),
  );
  const messages = [
    ['fixed codes', Buffer.from('Hello, hello, hello')],
    ['dynamic codes', records(150)],
    ['what cannot be compressed', noise(40)],
    ['bytes like the tail', Buffer.from('0000ffff0000ffff0000ffff010000ffff', 'hex')],
  ] as const;

  it.each(messages.flatMap(([what, message]) => [0, 1, 6].map((level) => [what, level, message] as const)))(
    'on %s at level %i, cut wherever, with or without an end',
    async (_what, level, message) => {
      for (const flush of [constants.Z_SYNC_FLUSH, constants.Z_FINISH]) {
        const whole = compressed(message, level, flush);
        for (let length = 0; length <= whole.length; length += 1) {
          for (const end of ends) {
            await agree(noTakeover(15), [Buffer.concat([whole.subarray(0, length), end])]);
          }
        }
      }
    },
  );

  it('on every input of one or two bytes', async () => {
    for (let value = 0; value < 65_536; value += value < 256 ? 1 : 37) {
      const payload = value < 256 ? Buffer.of(value) : Buffer.of(value & 0xff, value >> 8);
      await agree(noTakeover(15), [payload]);
    }
  });

  const message = fc.record({
    length: fc.oneof({ weight: 5, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.nat(70_000) }),
    text: fc.boolean(),
    seed: fc.integer({ min: 1, max: 9 }),
    level: fc.constantFrom(0, 1, 6),
    flush: fc.constantFrom(constants.Z_SYNC_FLUSH, constants.Z_SYNC_FLUSH, constants.Z_FINISH),
    end: fc.constantFrom(...ends.slice(0, 2), ...ends),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { freq: 3 }),
    damage: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 255 })), {
      maxLength: 2,
    }),
  });

  it('on sequences of messages, whole, cut and damaged', async () => {
    let whole = 0;
    let broken = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(noTakeover(15), takeover(15), takeover(10)),
        fc.array(message, { minLength: 1, maxLength: 4 }),
        async (peer, list) => {
          const payloads = list.map(({ length, text, seed, level, flush, end, cut, damage }) => {
            const plain = text ? records(length, seed) : noise(length, seed);
            const made = Buffer.from(compressed(plain, level, flush));
            for (const [at, mask] of damage) {
              const index = Math.floor(at * made.length);
              if (index < made.length) made[index] = (made[index] ?? 0) ^ mask;
            }
            return Buffer.concat([made.subarray(0, cut === null ? made.length : cut * made.length), end]);
          });
          const last = (await agree(peer, payloads)).at(-1);
          if (last?.startsWith('=')) whole += 1;
          else broken += 1;
        },
      ),
      { seed: 20261125, numRuns: 500 },
    );
    // Both kinds were met.
    expect(whole).toBeGreaterThan(50);
    expect(broken).toBeGreaterThan(50);
  });
});
