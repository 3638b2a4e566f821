import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptValue, isKey } from '../../src/handshake/index.ts';

describe('accept value', () => {
  it('is that of the example in RFC 6455 §1.3', () => {
    const sha1Base64 = (text: string): string => createHash('sha1').update(text, 'latin1').digest('base64');
    expect(acceptValue('dGhlIHNhbXBsZSBub25jZQ==', sha1Base64)).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  });
});

describe('T-KEY', () => {
  it.each([
    ['16 bytes', 'dGhlIHNhbXBsZSBub25jZQ==', true],
    ['every kind of digit', 'AZaz09+/AZaz09+/AZaz0A==', true],
    ['T-KEY-NC: unused bits set', 'dGhlIHNhbXBsZSBub25jZR==', true],
    ['15 bytes', 'dGhlIHNhbXBsZSBub25j', false],
    ['17 bytes', 'dGhlIHNhbXBsZSBub25jZWU=', false],
    ['no padding', 'dGhlIHNhbXBsZSBub25jZQ', false],
    ['URL alphabet', 'dGhlIHNhbXBsZSBub25j-_==', false],
    ['not base64', 'dGhlIHNhbXBsZSBub25j!Q==', false],
    ['two in a list', 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==', false],
    ['line break behind', 'dGhlIHNhbXBsZSBub25jZQ==\n', false],
    ['empty', '', false],
  ])('%s', (_case, key, valid) => {
    expect(isKey(key)).toBe(valid);
  });
});
