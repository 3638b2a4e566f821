import { describe, expect, it } from 'vitest';
import { EncodedText } from '../../src/connection/encoded-text.ts';

const lent = (): { text: EncodedText; released: Uint8Array[]; slabs: Uint8Array[] } => {
  const slabs = [new Uint8Array(8), new Uint8Array(8)];
  const released: Uint8Array[] = [];
  const parts = slabs.map((slab) => slab.subarray(0, 5));
  return { text: new EncodedText(parts, slabs, (slab) => void released.push(slab)), released, slabs };
};

describe('encoded text', () => {
  it('counts its bytes', () => {
    expect(lent().text.size).toBe(10);
    expect(new EncodedText([]).size).toBe(0);
  });

  it('gives its memory back when the last user does, and once', () => {
    const { text, released, slabs } = lent();
    expect(text.share()).toBe(text);
    text.share();
    text.giveBack();
    text.giveBack();
    expect(released).toEqual([]);
    text.giveBack();
    expect(released).toEqual(slabs);
    text.giveBack();
    expect(released).toHaveLength(2);
  });
});
