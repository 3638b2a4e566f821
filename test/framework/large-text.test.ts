import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EncodedText } from '../../src/connection/encoded-text.ts';
import { LargeText, largeText } from '../../src/framework/large-text.ts';
import type { Transcode } from '../../src/framework/native-text.ts';
import { transcoder } from '../../src/framework/native-text.ts';

function memory(transcode?: Transcode) {
  const turns: (() => void)[] = [];
  const large = new LargeText((act) => void turns.push(act), transcode);
  return { large, turns, endTurn: () => turns.splice(0).forEach((act) => void act()) };
}

const bytesOf = (encoded: EncodedText): Buffer => Buffer.concat(encoded.parts);

const refuses: Transcode = () => {
  throw new Error('no');
};

describe.each([
  ['by way of UTF-16', transcoder()],
  ['where that fails', refuses],
])('large text, encoded %s', (_, transcode) => {
  it('is what a Buffer makes of it, with lone surrogates and pairs at every place', () => {
    const unit = fc.constantFrom('a', 'é', '語', '🐢', '\ud83d', '\udc22');
    const { large, endTurn } = memory(transcode);
    const lengths = fc.constantFrom(0, 1, 100, largeText - 1, largeText, 32_767, 32_768, 65_537);
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 8 }),
        fc.constantFrom('x', 'ж', '語'),
        lengths,
        (letters, fill, length) => {
          const drawn = letters.join('');
          for (const text of [
            fill.repeat(length) + drawn + fill.repeat(length),
            drawn.repeat(length % 9_999),
          ]) {
            const encoded = large.encode(text);
            expect(bytesOf(encoded).equals(Buffer.from(text))).toBe(true);
            expect(encoded.size).toBe(Buffer.byteLength(text));
            expect(large.byteLength(text)).toBe(encoded.size);
          }
          endTurn();
        },
      ),
      { seed: 20261125, numRuns: 200 },
    );
  });

  it('encodes what only looks like ASCII', () => {
    const { large } = memory(transcode);
    for (let at = 0; at < 64; at += 1) {
      const text = `${'a'.repeat(at)}é${'a'.repeat(40_000)}`;
      expect(bytesOf(large.encode(text)).equals(Buffer.from(text))).toBe(true);
    }
  });
});

describe('memory of large texts', () => {
  const text = '語'.repeat(largeText);

  it('encodes a text once per turn, whoever asks', () => {
    const { large, turns, endTurn } = memory();
    const first = large.encode(text);
    expect(large.encode('語'.repeat(largeText))).toBe(first);
    expect(turns).toHaveLength(1);
    endTurn();
    expect(large.encode(text)).not.toBe(first);
    expect(turns).toHaveLength(1);
  });

  it('gives what it was told of, and only for that very text', () => {
    const { large } = memory();
    const told = new EncodedText([Buffer.from(text)]);
    large.remember(text, told);
    expect(large.encode(text)).toBe(told);
    const other = `${text.slice(0, -1)}x`;
    expect(bytesOf(large.encode(other)).equals(Buffer.from(other))).toBe(true);
    expect(large.encode(text)).not.toBe(told);
  });

  it('gives lent memory back when the turn and all writes are over, in either order', () => {
    for (const writesFirst of [true, false]) {
      const released: Uint8Array[] = [];
      const slab = Buffer.from(text);
      const { large, endTurn } = memory();
      large.remember(text, new EncodedText([slab], [slab], (bytes) => void released.push(bytes)));
      const writer = large.encode(text);
      if (writesFirst) writer.giveBack();
      else endTurn();
      expect(released).toEqual([]);
      if (writesFirst) endTurn();
      else writer.giveBack();
      expect(released).toEqual([slab]);
    }
  });

  it('gives back what another text replaces', () => {
    const released: Uint8Array[] = [];
    const slab = Buffer.from(text);
    const { large, turns, endTurn } = memory();
    large.remember(text, new EncodedText([slab], [slab], (bytes) => void released.push(bytes)));
    large.encode('other '.repeat(largeText));
    expect(released).toEqual([slab]);
    expect(turns).toHaveLength(1);
    endTurn();
    expect(released).toHaveLength(1);
  });

  it('does not keep small texts', () => {
    const { large, turns } = memory();
    expect(bytesOf(large.encode('small')).toString()).toBe('small');
    expect(turns).toHaveLength(0);
  });
});
