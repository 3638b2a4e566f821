import { describe, expect, it, vi } from 'vitest';
import { nextMaskKey, runtime, sha1Base64 } from '../../src/framework/runtime.ts';

describe('runtime', () => {
  it('encodes and decodes text as Buffers do, also into plain Uint8Arrays', () => {
    const text = 'żółw 🐢';
    for (const target of [runtime.allocate(32), new Uint8Array(32)]) {
      const written = runtime.writeUtf8(text, target, 3);
      expect(written).toBe(runtime.byteLength(text));
      expect(runtime.decodeUtf8(target, 3, 3 + written)).toBe(text);
    }
    expect(runtime.decodeLatin1(Uint8Array.of(104, 105, 33), 0, 2)).toBe('hi');
    expect(runtime.isUtf8(Uint8Array.of(0xff))).toBe(false);
  });

  it('views share memory, copies do not, and both are Buffers', () => {
    const bytes = new Uint8Array([1, 2, 3, 4]);
    const view = runtime.view(bytes, 1, 3);
    const copy = runtime.copy(bytes, 1, 3);
    bytes[1] = 9;
    expect([...view]).toEqual([9, 3]);
    expect([...copy]).toEqual([2, 3]);
    expect(Buffer.isBuffer(view) && Buffer.isBuffer(copy)).toBe(true);
  });

  it('lends slabs by size and lends returned ones again', () => {
    const slab = runtime.takeSlab(5_000);
    expect(slab.length).toBe(16_384);
    runtime.releaseSlab(slab);
    expect(runtime.takeSlab(4_097)).toBe(slab);
    const odd = runtime.takeSlab(100_000);
    expect(odd.length).toBe(100_000);
    runtime.releaseSlab(odd);
    expect(runtime.takeSlab(100_000)).not.toBe(odd);
  });

  it('flushes at the end of the turn, once each, and again in the next', async () => {
    const log: string[] = [];
    const target = { flush: () => void log.push('flush') };
    runtime.defer(target);
    log.push('turn');
    await new Promise((resolve) => setImmediate(resolve));
    runtime.defer(target);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual(['turn', 'flush', 'flush']);
  });

  it('flushes, and runs what is to run later, where a program has put the timers out of action', async () => {
    const { setImmediate: next } = globalThis;
    vi.useFakeTimers({ toFake: ['setImmediate', 'setTimeout'] });
    try {
      const log: string[] = [];
      runtime.defer({ flush: () => void log.push('flush') });
      runtime.later(() => void log.push('later'));
      await new Promise((resolve) => next(() => next(resolve)));
      expect(log).toEqual(['flush', 'later']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('T-MASK: draws fresh keys, more than one batch of them', () => {
    const keys = new Set(Array.from({ length: 5_000 }, nextMaskKey));
    // Twelve million pairs among four billion keys: a handful of repeats is possible, many are not.
    expect(keys.size).toBeGreaterThan(4_990);
  });

  it('digests', () => {
    expect(sha1Base64('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')).toBe(
      's3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    );
  });
});
