import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { History } from '../../../src/extension/permessage-deflate/history.ts';
import { noise } from './reference.ts';

describe('History', () => {
  it('keeps the last bytes of whatever was appended', () => {
    const lengths = fc.array(fc.oneof(fc.nat(40), fc.nat(700), fc.nat(2000)), { maxLength: 30 });
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 11 }), lengths, (bits, messages) => {
        const history = new History(bits);
        let all = Buffer.alloc(0);
        for (const [seed, length] of messages.entries()) {
          const message = noise(length, seed + 1);
          history.append(message);
          all = Buffer.concat([all, message]);
          const expected = all.subarray(-(2 ** bits));
          expect(history.length).toBe(Math.min(all.length, 2 ** bits));
          expect(Buffer.compare(history.toBytes(), expected)).toBe(0);
        }
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('takes memory for what came, and never more than the window', () => {
    const history = new History(12);
    expect(history.capacity).toBe(0);
    history.append(noise(100));
    expect(history.capacity).toBe(256);
    history.append(noise(300));
    expect(history.capacity).toBe(512);
    history.append(noise(1_000_000));
    expect(history.capacity).toBe(4096);
  });

  it('copies to a place in a larger array', () => {
    const history = new History(8);
    history.append(Buffer.alloc(200, 1));
    history.append(Buffer.alloc(100, 2));
    const target = new Uint8Array(260);
    history.copyTo(target, 3);
    expect([...target.subarray(0, 4)]).toEqual([0, 0, 0, 1]);
    expect(Buffer.compare(target.subarray(3, 259), history.toBytes())).toBe(0);
    expect(target[259]).toBe(0);
  });
});
