import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rest } from '../../src/connection/rest.ts';
import type { Message } from '../../src/connection/types.ts';
import { runtime } from '../../src/framework/runtime.ts';

const anyMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.constant(''),
  fc.constant(Buffer.alloc(0)),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.nat({ max: 1_100 }).map((size) => Buffer.alloc(size, size)),
  fc.nat({ max: 1_100 }).map((size) => 'ü'.repeat(size)),
);

describe('rest', () => {
  it('gives back what it was given, in order, however taking and giving alternate', () => {
    const steps = fc.array(fc.oneof(anyMessage, fc.constant(undefined)), { maxLength: 60 });
    const property = fc.property(steps, (moves) => {
      const rest = new Rest(runtime);
      const expected: Message[] = [];
      for (const move of moves) {
        if (move === undefined) expect(rest.take()).toEqual(expected.shift());
        else {
          rest.push(move);
          expected.push(move);
        }
        expect(rest.empty).toBe(expected.length === 0);
      }
      for (const one of expected) expect(rest.take()).toEqual(one);
      expect(rest.take()).toBeUndefined();
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });

  it('holds ten thousand empty messages in two bytes each', () => {
    let allocated = 0;
    const rest = new Rest({
      ...runtime,
      allocate(size) {
        allocated += size;
        return runtime.allocate(size);
      },
    });
    for (let count = 0; count < 10_000; count += 1) rest.push(Buffer.alloc(0));
    expect(allocated).toBeLessThanOrEqual(20_000 + 4_096);
  });

  it('hands out memory that nobody else has', () => {
    const rest = new Rest(runtime);
    rest.push(Buffer.from('one'));
    rest.push(Buffer.from('two'));
    const one = rest.take();
    if (one instanceof Uint8Array) one.fill(0xff);
    expect(rest.take()).toEqual(Buffer.from('two'));
  });
});
