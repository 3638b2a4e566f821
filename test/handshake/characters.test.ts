import { describe, expect, it } from 'vitest';
import {
  isAscii,
  isFieldValue,
  isFieldValueCode,
  isToken,
  isTokenCode,
  isVisibleCode,
  isWhitespaceCode,
  latin1Text,
  listHolds,
  trimWhitespace,
} from '../../src/handshake/characters.ts';

const CODES = Array.from({ length: 0x200 }, (_, code) => code);
const accepted = (accepts: (code: number) => boolean): string =>
  String.fromCharCode(...CODES.filter(accepts));

describe('character classes', () => {
  it('token characters are those of RFC 9110 §5.6.2', () => {
    const all = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
    expect(accepted(isTokenCode)).toBe(all);
  });

  it('field values have tab, space, visible ASCII and 0x80 to 0xFF', () => {
    expect(CODES.filter((code) => !isFieldValueCode(code) && code <= 0xff)).toEqual([
      ...CODES.slice(0, 0x09),
      ...CODES.slice(0x0a, 0x20),
      0x7f,
    ]);
    expect(isFieldValueCode(0x100)).toBe(false);
  });

  it('white space is space and tab; visible is 0x21 to 0x7E', () => {
    expect(accepted(isWhitespaceCode)).toBe('\t ');
    expect(accepted(isVisibleCode)).toBe(String.fromCharCode(...CODES.slice(0x21, 0x7f)));
  });

  it('no class holds what is not a number', () => {
    for (const accepts of [isTokenCode, isFieldValueCode, isVisibleCode, isWhitespaceCode]) {
      expect(accepts(Number.NaN)).toBe(false);
    }
  });
});

describe('texts', () => {
  it('a token has at least one character', () => {
    expect([isToken('a-b'), isToken(''), isToken('a b'), isToken('a\u0161')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('a field value may be empty', () => {
    expect([
      isFieldValue(''),
      isFieldValue('a\tb \u00ff'),
      isFieldValue('a\r\nb'),
      isFieldValue('\u20ac'),
    ]).toEqual([true, true, false, false]);
  });

  it('ASCII ends at 0x7F', () => {
    expect([isAscii('\x7f'), isAscii('\x80')]).toEqual([true, false]);
  });

  it('trims space and tab only', () => {
    expect(trimWhitespace(' \t a b\t ')).toBe('a b');
    expect(trimWhitespace('\u00a0a\x0b')).toBe('\u00a0a\x0b');
    expect(trimWhitespace(' \t ')).toBe('');
  });

  it('finds list elements without case, and no parts of elements', () => {
    expect(listHolds('keep-alive ,\tUPGRADE', 'upgrade')).toBe(true);
    for (const list of ['', 'upgraded', 'up grade', 'upgrade/1', '"upgrade"']) {
      expect(listHolds(list, 'upgrade')).toBe(false);
    }
  });

  it('reads latin-1, also texts longer than one block', () => {
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 256);
    const text = latin1Text(bytes);
    expect(text).toHaveLength(10_000);
    expect(Array.from(text, (character) => character.charCodeAt(0))).toEqual([...bytes]);
  });
});
