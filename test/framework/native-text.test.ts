/** Both ways of decoding: the native call and what stands in for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderOf, type Transcode, transcoder, utf8Decoder } from '../../src/framework/native-text.ts';

describe.each([
  ['by the native call', Buffer.prototype],
  ['where it is missing', {}],
])('decoderOf %s', (_, prototype) => {
  it('decodes any part of any text, in a Buffer or a plain Uint8Array', () => {
    const decode = decoderOf('utf8', prototype);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 9 }), fc.boolean(), (text, before, plain) => {
        const bytes = Buffer.from(text);
        const memory = Buffer.alloc(before + bytes.length + 3, 0x78);
        memory.set(bytes, before);
        const given = plain ? Uint8Array.from(memory) : memory;
        expect(decode(given, before, before + bytes.length)).toBe(bytes.toString());
      }),
      { seed: 20261125, numRuns: 300 },
    );
  });

  it('decodes ASCII', () => {
    const decode = decoderOf('latin1', prototype);
    expect(decode(Buffer.from('abcdef'), 1, 4)).toBe('bcd');
    expect(decode(new Uint8Array(Buffer.from('abcdef')).subarray(1), 1, 4)).toBe('cde');
    expect(decode(Buffer.alloc(0), 0, 0)).toBe('');
  });
});

describe('transcoder', () => {
  it('is the one of this Node, where that works', () => {
    expect(transcoder()).toBeTypeOf('function');
  });

  it.each<[string, Transcode]>([
    [
      'throws',
      () => {
        throw new Error('not implemented');
      },
    ],
    ['gives nothing', () => new Uint8Array()],
    ['gives back what it gets', (bytes) => bytes],
  ])('is none where it %s', (_, candidate) => {
    expect(transcoder(candidate)).toBeUndefined();
  });
});

describe.each<[string, number, Transcode | undefined]>([
  ['of a Node with a slow one', 20, transcoder()],
  ['of a Node with a fast one', 24, transcoder()],
])('the decoder of UTF-8 %s', (_, version, transcode) => {
  it('decodes any part of a text of any size', () => {
    const decode = utf8Decoder(version, transcode);
    const letters = fc.constantFrom('a', 'é', 'ж', '語', '🐢', 'aé語🐢 ', '\ufeff', '\ufffd');
    const sizes = fc.constantFrom(0, 1, 500, 1_023, 1_024, 1_025, 40_000, 65_536, 65_537, 140_000);
    fc.assert(
      fc.property(letters, sizes, fc.nat(5), fc.boolean(), (letter, size, before, plain) => {
        const text = letter.repeat(Math.ceil(size / Buffer.byteLength(letter)));
        const bytes = Buffer.concat([Buffer.alloc(before, 'é'), Buffer.from(text), Buffer.alloc(3, 'é')]);
        const given = plain ? new Uint8Array(bytes) : bytes;
        expect(decode(given, before, bytes.length - 3) === text).toBe(true);
      }),
      { seed: 20261125, numRuns: 200 },
    );
  });
});

describe('the decoder of UTF-8', () => {
  it('goes by way of UTF-16 only where that is worth it', () => {
    const sizes: number[] = [];
    const counted: Transcode = (bytes, from, to) => {
      sizes.push(bytes.length);
      return transcoder()?.(bytes, from, to) ?? bytes;
    };
    const text = 'ж'.repeat(70_000);
    expect(utf8Decoder(24, counted)(Buffer.from(text), 0, 140_000) === text).toBe(true);
    expect(utf8Decoder(20, counted)(Buffer.from('ж'), 0, 2)).toBe('ж');
    expect(utf8Decoder(20, counted)(Buffer.alloc(70_000, 'a'), 0, 70_000) === 'a'.repeat(70_000)).toBe(true);
    expect(sizes).toEqual([]);
    expect(utf8Decoder(20, counted)(Buffer.from(text), 0, 140_000) === text).toBe(true);
    expect(sizes).toEqual([65_536, 65_536, 8_928]);
  });
});
