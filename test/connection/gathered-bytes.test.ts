import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatheredBytes } from '../../src/connection/gathered-bytes.ts';
import { runtime as node } from '../../src/framework/runtime.ts';

const mebibyte = 1_048_576;

/** Gathers a frame of `declared` bytes in pieces of `size`, up to `brought`, and tells what was allocated when. */
function gather(declared: number, brought: number, size: number) {
  const allocated: { at: number; size: number }[] = [];
  const source = Buffer.alloc(size);
  let held = 0;
  const gathered = new GatheredBytes({
    ...node,
    allocate: (bytes) => {
      allocated.push({ at: held, size: bytes });
      return node.allocate(bytes);
    },
  });
  while (held < brought) {
    const piece = Math.min(size, brought - held);
    source.fill((held / size) & 0xff);
    gathered.push(source, 0, piece, declared - held);
    held += piece;
  }
  return { allocated, gathered };
}

describe('gathered bytes', () => {
  it('joins pieces of any size, in one frame or many, and starts afresh', () => {
    const piece = fc.uint8Array({ maxLength: 3_000 });
    fc.assert(
      fc.property(fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 12 }), fc.nat(9), (pieces, before) => {
        const gathered = new GatheredBytes(node);
        for (let round = 0; round < 2; round += 1) {
          for (const [index, [bytes, alone]] of pieces.entries()) {
            const chunk = Buffer.concat([Buffer.alloc(before), bytes, Buffer.alloc(3)]);
            const following = pieces.slice(index).reduce((sum, [next]) => sum + next.length, 0);
            const missing = alone ? bytes.length : following;
            gathered.push(chunk, before, before + bytes.length, missing);
          }
          expect(gathered.take()).toEqual(Buffer.concat(pieces.map(([bytes]) => bytes)));
        }
      }),
      { seed: 20261125, numRuns: 300 },
    );
  });

  it.each([65_536, 70_000, mebibyte, 20 * 65_536, 21 * 65_536, 20 * mebibyte + 1, 40 * mebibyte])(
    'keeps every byte in its place while a frame of %i bytes grows',
    (declared) => {
      for (const size of [65_536, 65_521, 9_999]) {
        const { gathered } = gather(declared, declared, size);
        const bytes = gathered.take();
        expect(bytes.length).toBe(declared);
        let wrong = 0;
        for (let at = 0; at < declared; at += 997) {
          if (bytes[at] !== (Math.floor(at / size) & 0xff)) wrong += 1;
        }
        expect(wrong).toBe(0);
      }
    },
  );

  it('reserves at most twice what came, twenty times from 4 KiB on, and at most what was declared', () => {
    for (const declared of [mebibyte, 30 * mebibyte, 1_000 * mebibyte]) {
      for (const size of [100, 65_536]) {
        const { allocated } = gather(declared, Math.min(declared, 3 * mebibyte), size);
        for (const { at, size: reserved } of allocated) {
          expect(reserved).toBeLessThanOrEqual(declared);
          const times = at + size < 4_096 ? 2 : 20;
          expect(reserved).toBeLessThanOrEqual(Math.max(times * (at + size), 1_024));
        }
      }
    }
  });

  it('doubles for what is small', () => {
    const { allocated } = gather(50_000, 4_000, 10);
    for (const { at, size } of allocated) expect(size).toBeLessThanOrEqual(Math.max(2 * (at + 10), 1_024));
    expect(allocated.length).toBeLessThan(4);
  });

  it('gives a frame of 64 KiB whose first piece is no trifle its memory at once', () => {
    for (const size of [4_096, 20_000, 50_000]) {
      const { allocated, gathered } = gather(65_536, 65_536, size);
      expect(allocated).toEqual([{ at: 0, size: 65_536 }]);
      expect(gathered.take().length).toBe(65_536);
    }
  });

  it('never moves more at once than a few times what came, when a huge frame grows', () => {
    const declared = 64 * mebibyte;
    let copied = 0;
    let most = 0;
    const gathered = new GatheredBytes({
      ...node,
      allocate: (size) => {
        const memory = node.allocate(size);
        const set = memory.set.bind(memory);
        memory.set = (bytes: ArrayLike<number>, at?: number) => {
          copied += bytes.length;
          set(bytes, at);
        };
        return memory;
      },
    });
    const piece = Buffer.alloc(65_536);
    for (let held = 0; held < declared; held += piece.length) {
      copied = 0;
      gathered.push(piece, 0, piece.length, declared - held);
      most = Math.max(most, copied);
    }
    copied = 0;
    expect(gathered.take().length).toBe(declared);
    expect(most).toBeLessThanOrEqual(5 * piece.length);
    expect(copied).toBeLessThanOrEqual(5 * piece.length);
  });

  it('hands over memory that is not much larger', () => {
    const gathered = new GatheredBytes(node);
    gathered.push(Buffer.from('abc'), 0, 3, 100_000);
    expect(gathered.take().buffer.byteLength).toBeLessThanOrEqual(16_384);
    expect(gathered.take()).toHaveLength(0);
  });
});
