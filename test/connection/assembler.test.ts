import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Assembler } from '../../src/connection/assembler.ts';
import { unknownBits } from '../../src/frame/decoder.ts';
import { runtime as node } from '../../src/framework/runtime.ts';

type Event = readonly [kind: 'text' | 'binary' | 'transformed' | 'invalid', payload?: string];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function assembler(runtime = node): { assembler: Assembler; events: Event[] } {
  const events: Event[] = [];
  const made = new Assembler(runtime, {
    text: (text) => events.push(['text', text]),
    binary: (bytes) => events.push(['binary', hex(bytes)]),
    transformed: (bytes, isText) => events.push(['transformed', `${isText} ${hex(bytes)}`]),
    invalidText: () => events.push(['invalid']),
  });
  return { assembler: made, events };
}

const bitsOf = (bytes: Uint8Array): number => bytes.reduce((bits, byte) => bits | byte, 0);

/** Gives a message as fragments, each in pieces. Stops where the assembler says so. */
function give(
  target: Assembler,
  opcode: number,
  fragments: readonly (readonly Uint8Array[])[],
  rsv = 0,
): void {
  for (const [index, pieces] of fragments.entries()) {
    target.start(index === 0 ? opcode : 0, index === 0 ? rsv : 0, Buffer.concat(pieces).length);
    for (const piece of pieces) if (!target.piece(piece, 0, piece.length, bitsOf(piece))) return;
    target.end(index === fragments.length - 1);
  }
}

const pieces = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), {
  minLength: 1,
  maxLength: 5,
});

describe('assembler', () => {
  it('joins any fragments in any pieces', () => {
    const { assembler: target, events } = assembler();
    fc.assert(
      fc.property(pieces, (fragments) => {
        events.length = 0;
        give(target, 2, fragments);
        expect(events).toEqual([['binary', hex(Buffer.concat(fragments.flat()))]]);
      }),
      { seed: 20261125, numRuns: 300 },
    );
  });

  it('gives text exactly when it is UTF-8, however it is cut', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 12 }),
      fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => Buffer.from(text)),
      fc
        .tuple(fc.string({ maxLength: 40 }), fc.uint8Array({ maxLength: 3 }))
        .map(([text, tail]) => Buffer.concat([Buffer.from(text), tail])),
    );
    fc.assert(
      fc.property(bytes, fc.array(fc.tuple(fc.nat(80), fc.boolean()), { maxLength: 8 }), (all, cuts) => {
        const places = cuts.map(([at]) => Math.min(at, all.length)).sort((a, b) => a - b);
        const fragments: Uint8Array[][] = [[]];
        let from = 0;
        for (const [index, at] of [...places, all.length].entries()) {
          fragments.at(-1)?.push(all.subarray(from, at));
          if (cuts[index]?.[1] === true) fragments.push([]);
          from = at;
        }
        const { assembler: target, events } = assembler();
        give(target, 1, fragments);
        expect(events).toEqual([isUtf8(all) ? ['text', Buffer.from(all).toString()] : ['invalid']]);
      }),
      { seed: 20261125, numRuns: 1_000 },
    );
  });

  it('fails at the first impossible byte, and at an end in the middle of a character', () => {
    const { assembler: target, events } = assembler();
    target.start(1, 0, 100);
    expect(target.piece(Uint8Array.of(0x61, 0xf4), 0, 2, unknownBits)).toBe(true);
    expect(target.piece(Uint8Array.of(0x90), 0, 1, unknownBits)).toBe(false);
    expect(events).toEqual([['invalid']]);
    const cut = assembler();
    cut.assembler.start(1, 0, 1);
    expect(cut.assembler.piece(Uint8Array.of(0xc3), 0, 1, unknownBits)).toBe(true);
    cut.assembler.end(true);
    expect(cut.events).toEqual([['invalid']]);
  });

  it('starts every message afresh', () => {
    const { assembler: target, events } = assembler();
    give(target, 1, [[Buffer.from('grü')], [Buffer.from('ße')]]);
    give(target, 1, [[Buffer.from('plain')], []]);
    give(target, 2, [[Buffer.from([0xff])], [Buffer.from([0xfe])]]);
    give(target, 1, [[], []]);
    give(target, 2, [[], []]);
    expect(events).toEqual([
      ['text', 'grüße'],
      ['text', 'plain'],
      ['binary', 'fffe'],
      ['text', ''],
      ['binary', ''],
    ]);
  });

  it('joins whole frames too, and stops at the one that spoils the text', () => {
    const { assembler: target, events } = assembler();
    const give1 = (opcode: number, fin: boolean, bytes: Uint8Array): void =>
      target.frame(opcode, fin, 0, bytes, 0, bytes.length, bitsOf(bytes));
    give1(1, false, Buffer.from('a'));
    give1(0, false, Buffer.from('b'));
    give1(0, true, Buffer.from('c'));
    give1(1, false, Buffer.from('a'));
    give1(0, true, Buffer.from([0xff]));
    expect(events).toEqual([['text', 'abc'], ['invalid']]);
  });

  it('leaves the text of a transformed message to be judged afterwards', () => {
    const { assembler: target, events } = assembler();
    give(target, 1, [[Buffer.from([0xff])], [Buffer.from([0xfe])]], 0x40);
    expect(events).toEqual([['transformed', 'true fffe']]);
  });

  it('holds what came, not what was declared', () => {
    let largest = 0;
    const counting = {
      ...node,
      allocate: (size: number) => {
        largest = Math.max(largest, size);
        return node.allocate(size);
      },
    };
    const { assembler: target } = assembler(counting);
    target.start(2, 0, 100_000_000);
    for (let index = 0; index < 1_000; index += 1) target.piece(Uint8Array.of(1), 0, 1, 1);
    expect(largest).toBeLessThanOrEqual(2 * 1_000 + 64);
  });

  it('never allocates beyond what the frame declared', () => {
    const sizes: number[] = [];
    const { assembler: target, events } = assembler({
      ...node,
      allocate: (size) => {
        sizes.push(size);
        return node.allocate(size);
      },
    });
    target.start(2, 0, 1_000);
    for (let index = 0; index < 1_000; index += 1) target.piece(Uint8Array.of(index), 0, 1, 1);
    target.end(true);
    expect(sizes.at(-1)).toBe(1_000);
    expect(events[0]?.[1]).toHaveLength(2_000);
  });
});
