/** Copies: equal to their source, untouched by later ones, and never in more memory than a pool. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Region } from '../../src/frame/region.ts';
import { CollectionPace } from '../../src/framework/collection-pace.ts';
import { MessageMemory, pooledSize } from '../../src/framework/message-memory.ts';

const noise = (size: number, salt: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, index) => Math.imul(index + salt, 2_654_435_761) >>> 13);

describe('MessageMemory', () => {
  it('keeps every copy as it was, whatever is read and copied after it', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            size: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 600 }), fc.nat({ max: 3_000 })),
            at: fc.nat({ max: 1_000 }),
            lent: fc.boolean(),
          }),
          { minLength: 1, maxLength: 60 },
        ),
        (messages) => {
          const region = new Region(new Uint8Array(4_096));
          const memory = new MessageMemory(() => region, new CollectionPace());
          const copies = messages.map(({ size, at, lent }, index) => {
            const content = noise(size, index);
            const source = lent ? region.bytes : new Uint8Array(at + size + 4);
            source.set(content, at);
            const copy = memory.copy(source, at, at + size);
            source.fill(0xee);
            return { copy, content };
          });
          for (const { copy, content } of copies) {
            expect(Buffer.isBuffer(copy)).toBe(true);
            expect(Buffer.compare(copy, content)).toBe(0);
          }
        },
      ),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('gives a message that may be written to, without touching its neighbours', () => {
    const region = new Region(new Uint8Array(64).fill(7));
    const memory = new MessageMemory(() => region, new CollectionPace());
    const copies = [1, 2, 3, 5].map((size) => memory.copy(region.bytes, size, size * 2));
    copies[1]?.fill(9);
    expect(copies.map((copy) => [...copy])).toEqual([[7], [9, 9], [7, 7, 7], [7, 7, 7, 7, 7]]);
  });

  it('keeps no more than a pool alive with a small message, and nothing with a large one', () => {
    const region = new Region(new Uint8Array(65_536));
    const memory = new MessageMemory(() => region, new CollectionPace());
    expect(memory.copy(region.bytes, 0, 1).buffer.byteLength).toBeLessThanOrEqual(16_384);
    expect(memory.copy(region.bytes, 0, pooledSize + 1).buffer.byteLength).toBe(pooledSize + 1);
    expect(memory.copy(region.bytes, 9, 9)).toHaveLength(0);
  });

  it("gives memory that is nobody else's, small from the pool and large of its own", () => {
    const region = new Region(new Uint8Array(64).fill(7));
    const memory = new MessageMemory(() => region, new CollectionPace());
    const sizes = [0, 1, 7, 2_000, 3, pooledSize, 1_024, pooledSize, pooledSize, pooledSize, 5_000, 2];
    const given = sizes.map((size, index) => {
      const bytes = memory.allocate(size).fill(index);
      memory.copy(region.bytes, 1, 4);
      return bytes;
    });
    for (const [index, bytes] of given.entries()) {
      expect(Buffer.compare(bytes, Buffer.alloc(sizes[index] ?? -1, index))).toBe(0);
      expect(bytes.buffer.byteLength).toBeLessThanOrEqual(bytes.length > pooledSize ? bytes.length : 16_384);
    }
  });

  it('tells of what lies outside of the heap', () => {
    const region = new Region(new Uint8Array(65_536));
    const told: number[] = [];
    class Told extends CollectionPace {
      override allocated(bytes: number): void {
        told.push(bytes);
      }
    }
    const memory = new MessageMemory(() => region, new Told());
    memory.copy(region.bytes, 0, 50_000);
    memory.allocate(3_000);
    for (let round = 0; round < 20; round += 1) memory.copy(region.bytes, 0, 1_000);
    memory.allocate(1_000);
    expect(told).toEqual([50_000, 3_000, 16_384, 16_384]);
  });

  it('copies from a chunk in memory of its own that begins anywhere', () => {
    const region = new Region(new Uint8Array(64));
    const memory = new MessageMemory(() => region, new CollectionPace());
    const chunk = noise(300, 5).subarray(3);
    expect([...memory.copy(chunk, 2, 260)]).toEqual([...chunk.subarray(2, 260)]);
  });
});
