/** Close payloads (RFC 6455 §5.5.1, §7.4): all codes, all lengths, both directions. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  closeCodes,
  decodeClosePayload,
  encodeClosePayload,
  isCloseCode,
  maxReasonSize,
} from '../../src/frame/close.ts';

const settings = { seed: 20261125, numRuns: 500 };
const payload = (code: number, ...reason: number[]): Uint8Array =>
  Uint8Array.of(code >>> 8, code & 0xff, ...reason);

const named = new Set([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014]);
const mayTravel = (code: number): boolean => named.has(code) || (code >= 3000 && code < 5000);

describe('T-CLOSE-CODE', () => {
  it('reads and writes the same codes, of all 65 536', () => {
    const wrong: number[] = [];
    for (let code = 0; code < 65_536; code += 1) {
      const read = decodeClosePayload(payload(code));
      let written: Uint8Array | undefined;
      try {
        written = encodeClosePayload(code);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      const agreed = mayTravel(code)
        ? typeof read !== 'string' && read.code === code && written?.join() === payload(code).join()
        : read === 'closeCode' && written === undefined;
      if (!agreed || isCloseCode(code) !== mayTravel(code)) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  it.each([-1, 1000.5, 65_536 + 1000, Number.NaN, Infinity])('has no place for %d', (code) => {
    expect(isCloseCode(code)).toBe(false);
    expect(() => encodeClosePayload(code)).toThrow(RangeError);
  });

  it('names its codes', () => {
    expect(Object.isFrozen(closeCodes)).toBe(true);
    const { noStatus, abnormal, ...travelling } = closeCodes;
    expect(isCloseCode(noStatus)).toBe(false);
    expect(isCloseCode(abnormal)).toBe(false);
    expect(Object.values(travelling).every(isCloseCode)).toBe(true);
  });
});

describe('T-CLOSE-PAY: decodeClosePayload', () => {
  it('reads an empty payload as "no status"', () => {
    expect(decodeClosePayload(new Uint8Array(0))).toEqual({ code: 1005, reason: '' });
  });

  it('refuses one byte, whatever it is', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      expect(decodeClosePayload(Uint8Array.of(byte))).toBe('closePayloadLength');
    }
  });

  it('reads a reason, up to the longest', () => {
    expect(decodeClosePayload(payload(1000, 0x62, 0x79, 0x65))).toEqual({ code: 1000, reason: 'bye' });
    const longest = payload(4999, ...Array.from({ length: 123 }, () => 0x78));
    expect(decodeClosePayload(longest)).toEqual({ code: 4999, reason: 'x'.repeat(123) });
  });

  it('keeps a byte order mark and a NUL, which are characters here', () => {
    expect(decodeClosePayload(payload(1000, 0xef, 0xbb, 0xbf, 0))).toEqual({
      code: 1000,
      reason: '\ufeff\0',
    });
  });

  it('refuses a reason that is not UTF-8, or cut off within a character', () => {
    expect(decodeClosePayload(payload(1000, 0xff))).toBe('closeReasonUtf8');
    expect(decodeClosePayload(payload(1000, 0x41, 0xe2, 0x82))).toBe('closeReasonUtf8');
    expect(decodeClosePayload(payload(1000, 0xed, 0xa0, 0x80))).toBe('closeReasonUtf8');
  });

  it('judges the code before the reason', () => {
    expect(decodeClosePayload(payload(1005, 0xff))).toBe('closeCode');
  });

  it('reads a view that does not begin its memory', () => {
    const memory = Uint8Array.of(9, 9, 0x03, 0xe9, 0x6f, 0x6b, 9);
    expect(decodeClosePayload(memory.subarray(2, 6))).toEqual({ code: 1001, reason: 'ok' });
  });

  it('never throws, and what it accepts is written the same way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 900, max: 5100 }), fc.uint8Array({ maxLength: 123 }), (code, reason) => {
        const bytes = payload(code, ...reason);
        const read = decodeClosePayload(bytes);
        if (typeof read !== 'string') expect(encodeClosePayload(read.code, read.reason)).toEqual(bytes);
      }),
      settings,
    );
  });
});

describe('encodeClosePayload', () => {
  it('writes nothing without a code', () => {
    expect(encodeClosePayload()).toEqual(new Uint8Array(0));
    expect(encodeClosePayload(undefined, '')).toEqual(new Uint8Array(0));
  });

  it('refuses a reason without a code', () => {
    expect(() => encodeClosePayload(undefined, 'why')).toThrow(RangeError);
  });

  it('counts the reason in bytes: 123 fit', () => {
    expect(maxReasonSize).toBe(123);
    expect(encodeClosePayload(1000, 'é'.repeat(61)).length).toBe(124);
    expect(encodeClosePayload(1000, 'x'.repeat(123)).length).toBe(125);
    expect(() => encodeClosePayload(1000, 'x'.repeat(124))).toThrow(RangeError);
    expect(() => encodeClosePayload(1000, 'é'.repeat(62))).toThrow('has 124 bytes, 123 are allowed');
  });

  it('refuses a lone surrogate, which has no UTF-8', () => {
    expect(() => encodeClosePayload(1000, 'a\ud800')).toThrow(TypeError);
    expect(() => encodeClosePayload(1000, '\udc00a')).toThrow(TypeError);
    expect(encodeClosePayload(1000, '\ud83d\ude00').length).toBe(6);
  });

  it('refuses what is no string, before anything else', () => {
    const reasons: unknown[] = [null, 1, {}, Buffer.from('x')];
    for (const reason of reasons) {
      expect(() => Reflect.apply(encodeClosePayload, undefined, [1000, reason])).toThrow(TypeError);
    }
  });

  it('is undone by decodeClosePayload', () => {
    const codes = fc.integer({ min: 1000, max: 4999 }).filter(mayTravel);
    const characters = fc
      .integer({ min: 0, max: 0x10_ffff })
      .filter((point) => point < 0xd800 || point > 0xdfff);
    const reasons = fc.array(characters, { maxLength: 30 }).map((points) => String.fromCodePoint(...points));
    fc.assert(
      fc.property(codes, reasons, (code, reason) => {
        expect(decodeClosePayload(encodeClosePayload(code, reason))).toEqual({ code, reason });
      }),
      settings,
    );
  });
});
