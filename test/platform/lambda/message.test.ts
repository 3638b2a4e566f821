import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimitError, UnsupportedError } from '../../../src/platform/lambda/errors.ts';
import { encodeMessage } from '../../../src/platform/lambda/message.ts';

const text = { binary: 'refuse', maxMessageSize: 131_072 } as const;
const base64 = { ...text, binary: 'base64' } as const;
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('text', () => {
  it('is sent as its UTF-8', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), (message) => {
      expect(decode(encodeMessage(message, text))).toBe(message);
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });

  it('is limited in bytes, not in characters', () => {
    expect(encodeMessage('x'.repeat(131_072), text)).toHaveLength(131_072);
    expect(encodeMessage('é'.repeat(65_536), text)).toHaveLength(131_072);
    expect(() => encodeMessage('x'.repeat(131_073), text)).toThrow(LimitError);
    const tooLong = { limit: 'maxMessageSize', max: 131_072, actual: 131_073 };
    expect(() => encodeMessage(`${'é'.repeat(65_536)}x`, text)).toThrow(expect.objectContaining(tooLong));
  });
});

describe('bytes', () => {
  it('are refused by default, since they would not arrive as bytes', () => {
    expect(() => encodeMessage(Uint8Array.of(1), text)).toThrow(UnsupportedError);
  });

  it('are sent as base64 text when asked for, also out of a larger buffer', () => {
    const property = fc.property(fc.uint8Array(), fc.nat(4), (bytes, offset) => {
      const within = new Uint8Array(bytes.length + offset);
      within.set(bytes, offset);
      const sent = decode(encodeMessage(within.subarray(offset), base64));
      expect(sent).toMatch(/^[A-Za-z0-9+/]*={0,2}$/);
      expect([...Buffer.from(sent, 'base64')]).toEqual([...bytes]);
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });

  it('are limited by the base64 that travels', () => {
    expect(encodeMessage(new Uint8Array(98_304), base64)).toHaveLength(131_072);
    const tooLong = { limit: 'maxMessageSize', max: 131_072, actual: 131_076 };
    expect(() => encodeMessage(new Uint8Array(98_305), base64)).toThrow(expect.objectContaining(tooLong));
  });
});

it('takes nothing else', () => {
  for (const message of [undefined, null, 7, {}, new ArrayBuffer(1)]) {
    expect(() => Reflect.apply(encodeMessage, undefined, [message, base64])).toThrow(TypeError);
  }
});
