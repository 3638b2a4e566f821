import { describe, expect, it } from 'vitest';
import { byteLengthOf, plainView } from '../../../src/extension/permessage-deflate/views.ts';

const tampered = (view: Uint8Array): Uint8Array => {
  for (const property of ['length', 'byteLength', 'byteOffset', 'buffer']) {
    Object.defineProperty(view, property, { value: 1 << 30 });
  }
  return view;
};

describe('views', () => {
  it('have their true bounds, whatever they say themselves', () => {
    const view = tampered(new Uint8Array(Uint8Array.of(1, 2, 3, 4, 5).buffer, 1, 3));
    expect(byteLengthOf(view)).toBe(3);
    expect([...plainView(view)]).toEqual([2, 3, 4]);
  });

  it('may lie over shared memory', () => {
    const view = new Uint8Array(new SharedArrayBuffer(8), 4, 2).fill(7);
    expect([...plainView(view)]).toEqual([7, 7]);
  });

  it('have no bytes once their memory is gone', () => {
    const view = new Uint8Array(8);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    expect(byteLengthOf(view)).toBe(0);
  });

  it('must be views', () => {
    expect(() => Reflect.apply(byteLengthOf, undefined, [{ byteLength: 5 }])).toThrow(TypeError);
  });
});
