import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedText } from '../../src/connection/encoded-text.ts';
import { Outbox } from '../../src/connection/outbox.ts';
import { prepare } from '../../src/connection/payload.ts';
import type { Runtime } from '../../src/connection/port.ts';
import { runtime as node } from '../../src/framework/runtime.ts';
import { framesOf, Wire } from './wire.ts';

/** A runtime that counts the memory it lends. */
const lending = (): { runtime: Runtime; lent: Set<Uint8Array>; takes: { count: number } } => {
  const lent = new Set<Uint8Array>();
  const takes = { count: 0 };
  const runtime: Runtime = {
    ...node,
    takeSlab: (size) => {
      const slab = new Uint8Array(Math.max(size, 4_096));
      lent.add(slab);
      takes.count += 1;
      return slab;
    },
    releaseSlab: (slab) => {
      if (!lent.delete(slab)) throw new Error('released twice, or never lent');
      slab.fill(0xee);
    },
  };
  return { runtime, lent, takes };
};

const key = (): number => 0x01_02_03_04;
const message = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 5_000, max: 70_000 }).map((size) => Buffer.alloc(size, `${size} `)),
  fc.integer({ min: 5_000, max: 40_000 }).map((size) => '€a'.repeat(size / 2)),
);

describe('outbox', () => {
  it.each([
    ['masked', key],
    ['not masked', undefined],
  ])('writes whole frames in order, %s', (_name, nextMaskKey) => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 20 }), fc.boolean(), (messages, congested) => {
        const { runtime, lent } = lending();
        const outbox = new Outbox(runtime, nextMaskKey);
        const wire = new Wire();
        wire.congested = congested;
        let size = 0;
        for (const one of messages)
          size += typeof one === 'string' ? outbox.text(0x81, one) : outbox.bytes(0x82, one);
        expect(outbox.size).toBe(size);
        outbox.flush(wire);
        expect(outbox.size).toBe(0);
        expect(wire.writes.length).toBe(messages.length === 0 ? 0 : 1);
        expect(Buffer.concat(wire.writes).length).toBe(size);
        const frames = wire.sent;
        expect(frames.map(({ opcode }) => opcode)).toEqual(
          messages.map((one) => (typeof one === 'string' ? 1 : 2)),
        );
        expect(frames.every(({ masked, fin }) => fin && masked === (nextMaskKey !== undefined))).toBe(true);
        for (const [index, one] of messages.entries()) {
          expect(frames[index]?.payload.equals(Buffer.from(one)), `message ${index}`).toBe(true);
        }
        // What the transport keeps stays its own; what it has consumed came back.
        if (!congested) expect(lent.size).toBe(0);
      }),
      { seed: 20261125, numRuns: 150 },
    );
  });

  it('finds room for a longer header when text is longer in UTF-8', () => {
    for (const nextMaskKey of [key, undefined]) {
      for (const length of [1, 41, 42, 43, 63, 125, 126, 127, 5_000]) {
        for (const text of ['€'.repeat(length), `${'a'.repeat(length)}é`, 'é'.repeat(length)]) {
          const outbox = new Outbox(node, nextMaskKey);
          const wire = new Wire();
          outbox.text(0x81, text);
          outbox.text(0x81, 'behind');
          outbox.flush(wire);
          expect(wire.sent.map(({ payload }) => payload.toString())).toEqual([text, 'behind']);
        }
      }
    }
  });

  it('masks a copy of large bytes, never the bytes themselves', () => {
    const outbox = new Outbox(node, key);
    const bytes = Buffer.alloc(20_000, 'x');
    outbox.bytes(0x82, bytes);
    outbox.bytes(0x82, bytes.subarray(0, 100));
    const wire = new Wire();
    outbox.flush(wire);
    expect(bytes.equals(Buffer.alloc(20_000, 'x'))).toBe(true);
    expect(wire.sent[0]?.payload.equals(bytes)).toBe(true);
  });

  it('does not copy large bytes that are not masked', () => {
    const outbox = new Outbox(node, undefined);
    const bytes = new Uint8Array(16_384);
    outbox.bytes(0x82, bytes);
    const parts: Uint8Array[] = [];
    const wire = new Wire();
    wire.write = (written) => {
      parts.push(...written);
      return false;
    };
    outbox.flush(wire);
    expect(parts.includes(bytes)).toBe(true);
  });

  it('gives the memory of a large text back once nobody reads it: after a write that consumed it, or a masked copy', () => {
    const text = 'ж'.repeat(40_000);
    for (const nextMaskKey of [key, undefined]) {
      for (const congested of [false, true]) {
        const slab = Buffer.from(text);
        const given: Uint8Array[] = [];
        const encoded = new EncodedText([slab.subarray(0, 30_001), slab.subarray(30_001)], [slab], (one) => {
          given.push(one);
          one.fill(0xdd);
        });
        const outbox = new Outbox({ ...node, encodeLarge: () => encoded }, nextMaskKey);
        outbox.text(0x81, text);
        expect(given.length).toBe(nextMaskKey === undefined ? 0 : 1);
        const wire = new Wire();
        wire.congested = congested;
        outbox.flush(wire);
        expect(wire.sent[0]?.payload.toString() === text).toBe(true);
        expect(given.length).toBe(congested && nextMaskKey === undefined ? 0 : 1);
      }
    }
  });

  it('shares a prepared frame, alone, behind others, and when it is large', () => {
    const small = prepare('small');
    const large = prepare(Buffer.alloc(30_000, 'l'));
    for (const order of [[small], [small, small], [large, small], [small, large, small]]) {
      const { runtime, lent } = lending();
      const outbox = new Outbox(runtime, undefined);
      outbox.text(0x81, 'first');
      for (const one of order) outbox.frame(one.frame);
      outbox.text(0x81, 'last');
      const wire = new Wire();
      outbox.flush(wire);
      expect(wire.sent.map(({ payload }) => payload.length)).toEqual([
        5,
        ...order.map(({ length }) => length),
        4,
      ]);
      expect(lent.size).toBe(0);
    }
    const outbox = new Outbox(node, undefined);
    outbox.frame(small.frame);
    const wire = new Wire();
    outbox.flush(wire);
    expect(wire.sent[0]?.payload.toString()).toBe('small');
    expect(Buffer.from(small.payload).toString()).toBe('small');
  });

  it('lends memory only between a frame and its flush', () => {
    const { runtime, lent, takes } = lending();
    const outbox = new Outbox(runtime, undefined);
    const wire = new Wire();
    outbox.flush(wire);
    expect(takes.count).toBe(0);
    outbox.text(0x81, 'x');
    expect(lent.size).toBe(1);
    outbox.flush(wire);
    expect(lent.size).toBe(0);
    for (let index = 0; index < 10_000; index += 1) outbox.text(0x81, 'a message of a few bytes');
    outbox.flush(wire);
    expect(lent.size).toBe(0);
    // Slabs double, so ten thousand frames need few.
    expect(takes.count).toBeLessThan(12);
    expect(wire.writes).toHaveLength(2);
  });

  it('writes small frames of a turn as one part, and a lone prepared frame from where it lies', () => {
    const { runtime, lent } = lending();
    const outbox = new Outbox(runtime, undefined);
    const written: Uint8Array[][] = [];
    const wire = new Wire();
    wire.write = (parts) => {
      written.push([...parts]);
      return true;
    };
    const prepared = prepare('broadcast').frame;
    outbox.frame(prepared);
    outbox.flush(wire);
    expect(written).toEqual([[prepared]]);
    expect(written[0]?.[0]).toBe(prepared);
    for (let index = 0; index < 400; index += 1) {
      if (index % 3 === 0) outbox.frame(prepared);
      else outbox.bytes(0x82, Buffer.alloc(125, index));
    }
    outbox.flush(wire);
    expect(written[1]).toHaveLength(1);
    expect(lent.size).toBe(0);
  });

  it('forgets a lone prepared frame that is dropped', () => {
    const outbox = new Outbox(node, undefined);
    outbox.frame(prepare('dropped').frame);
    outbox.clear();
    outbox.text(0x81, 'kept');
    const wire = new Wire();
    outbox.flush(wire);
    expect(wire.sent.map(({ payload }) => payload.toString())).toEqual(['kept']);
  });

  it('drops what was not flushed', () => {
    const outbox = new Outbox(node, undefined);
    outbox.text(0x81, 'dropped');
    outbox.bytes(0x82, Buffer.alloc(20_000));
    outbox.clear();
    expect(outbox.size).toBe(0);
    outbox.text(0x81, 'kept');
    const wire = new Wire();
    outbox.flush(wire);
    expect(wire.sent.map(({ payload }) => payload.toString())).toEqual(['kept']);
  });

  it('writes nothing more when a frame or a write was cut off in the middle, until it is cleared', () => {
    const cutOff = (): never => {
      throw new RangeError('cut off');
    };
    const parts: readonly ((outbox: Outbox, wire: Wire) => void)[] = [
      // A write of which nobody knows what the peer has got.
      (outbox, wire) => {
        outbox.text(0x81, 'lost');
        Object.defineProperty(wire, 'write', { value: cutOff, configurable: true });
        outbox.flush(wire);
      },
      // A header whose payload could not be copied to be masked.
      (outbox) => {
        outbox.bytes(0x82, Buffer.alloc(20_000));
      },
    ];
    for (const part of parts) {
      const wire = new Wire();
      const outbox = new Outbox({ ...node, copy: cutOff }, key);
      expect(() => part(outbox, wire)).toThrow('cut off');
      Reflect.deleteProperty(wire, 'write');
      outbox.text(0x81, 'too late');
      outbox.flush(wire);
      expect([outbox.torn, wire.writes]).toEqual([true, []]);
      outbox.clear();
      outbox.text(0x81, 'kept');
      outbox.flush(wire);
      expect([outbox.torn, wire.sent.map(({ payload }) => payload.toString())]).toEqual([false, ['kept']]);
    }
  });

  it('gives each slab back once, also when it could not be lent another', () => {
    const { runtime, lent } = lending();
    let isScarce = false;
    const takeSlab = (size: number): Uint8Array => {
      if (isScarce) throw new RangeError('Array buffer allocation failed');
      return runtime.takeSlab(size);
    };
    const outbox = new Outbox({ ...runtime, takeSlab }, undefined);
    let filled = 0;
    const fill = (): void => {
      outbox.bytes(0x82, Buffer.alloc(15_000, 1));
      filled += 1;
    };
    fill();
    outbox.bytes(0x82, Buffer.alloc(16_384, 2));
    isScarce = true;
    // There is room for a few in the slab that there is.
    expect(() => {
      for (;;) fill();
    }).toThrow('allocation failed');
    for (let attempt = 0; attempt < 3; attempt += 1) expect(fill).toThrow('allocation failed');
    isScarce = false;
    fill();
    const wire = new Wire();
    outbox.flush(wire);
    const kinds = wire.sent.map(({ payload }) => payload[0]);
    expect(kinds).toEqual([1, 2, ...Array.from({ length: filled - 1 }, () => 1)]);
    expect(lent.size).toBe(0);
  });

  it('writes a lone surrogate as U+FFFD', () => {
    for (const size of [1, 40, 7_000]) {
      const outbox = new Outbox(node, key);
      outbox.text(0x81, `${'a'.repeat(size)}\ud800b`);
      const wire = new Wire();
      outbox.flush(wire);
      expect(framesOf(Buffer.concat(wire.writes))[0]?.payload.toString()).toBe(`${'a'.repeat(size)}\ufffdb`);
    }
  });
});
