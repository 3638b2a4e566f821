import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fragments } from '../../src/connection/fragments.ts';

describe('fragments', () => {
  it('begin with the type of the message and continue it', () => {
    const text = new Fragments();
    expect(text.payload('a')).toBe('a');
    expect([text.started, text.opcode(), text.started, text.opcode(), text.opcode()]).toEqual([
      false,
      1,
      true,
      0,
      0,
    ]);
    const binary = new Fragments();
    binary.payload(Uint8Array.of(1));
    expect([binary.opcode(), binary.opcode()]).toEqual([2, 0]);
    expect(new Fragments().opcode()).toBe(1);
  });

  it('are the same UTF-8 as the whole, wherever a surrogate pair is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', '\ud83d', '\ude00', '\ud83d\ude00'), maxLength: 5 })),
        (chunks) => {
          const fragments = new Fragments();
          const payloads = chunks.map((chunk) => String(fragments.payload(chunk)));
          const encoded = [...payloads, fragments.rest].map((payload) => Buffer.from(payload));
          expect(Buffer.concat(encoded).equals(Buffer.from(chunks.join('')))).toBe(true);
          expect(payloads.join('') + fragments.rest).toBe(chunks.join(''));
        },
      ),
      { seed: 20261125, numRuns: 300 },
    );
  });

  it('refuse what is no chunk, and a second type', () => {
    const wrong: unknown = 5;
    expect(() => Reflect.apply(Fragments.prototype.payload, new Fragments(), [wrong])).toThrow(TypeError);
    const text = new Fragments();
    text.payload('a');
    expect(() => text.payload(Uint8Array.of(1))).toThrow('either text or bytes');
    const binary = new Fragments();
    binary.payload(Uint8Array.of(1));
    expect(() => binary.payload('a')).toThrow('either text or bytes');
    expect(text.started || binary.started).toBe(false);
  });
});
