/** Both ways of decoding: the native call and what stands in for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decoderOf } from '../../src/framework/native-text.ts';

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
