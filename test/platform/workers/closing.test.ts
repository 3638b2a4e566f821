import { describe, expect, it } from 'vitest';
import { isCloseCode as isCloseCodeOnNode } from '../../../src/frame/close.ts';
import {
  asError,
  checkClose,
  closureOf,
  closureOfError,
  isCloseCode,
  wellFormed,
} from '../../../src/platform/workers/closing.ts';

describe('close codes', () => {
  it('are those that the codec lets travel, all of them', () => {
    for (let code = -1; code <= 65_536; code += 1) expect(isCloseCode(code)).toBe(isCloseCodeOnNode(code));
    for (const code of [1000.5, Number.NaN, Infinity]) expect(isCloseCode(code)).toBe(false);
  });

  it('go with a reason of at most 123 bytes, well formed', () => {
    expect(() => checkClose(1000, 'x'.repeat(123))).not.toThrow();
    expect(() => checkClose(1000, '\u20ac'.repeat(41))).not.toThrow();
    expect(() => checkClose(1000, '\u20ac'.repeat(42))).toThrow(RangeError);
    expect(() => checkClose(1000, 'x\udc00')).toThrow(TypeError);
    expect(() => Reflect.apply(checkClose, undefined, [1000, null])).toThrow(TypeError);
    expect(() => Reflect.apply(checkClose, undefined, ['1000', ''])).toThrow(RangeError);
  });
});

describe('text', () => {
  it('keeps surrogate pairs and replaces lone surrogates', () => {
    expect(wellFormed('a\u{1f600}b')).toBe('a\u{1f600}b');
    expect(wellFormed('\ud800a\udc00\ud83d')).toBe('\ufffda\ufffd\ufffd');
  });
});

describe('closures', () => {
  it('tell the peer’s Close from a lost transport', () => {
    expect(closureOf({ code: 4001, reason: 'bye', wasClean: true })).toEqual({
      code: 4001,
      reason: 'bye',
      clean: true,
      by: 'peer',
    });
    expect(closureOf({ code: 1006, reason: 'WebSocket disconnected', wasClean: false })).toEqual({
      code: 1006,
      reason: '',
      clean: false,
      by: 'transport',
    });
  });

  it('tell what the runtime failed the connection for', () => {
    const protocol = new Error(
      'WebSocket protocol error; protocolError.statusCode = 1009; protocolError.description = x',
    );
    expect(closureOfError(protocol)).toMatchObject({ code: 1009, clean: false, by: 'us', cause: protocol });
    const network = new Error('Network connection lost.');
    expect(closureOfError(network)).toMatchObject({
      code: 1006,
      clean: false,
      by: 'transport',
      cause: network,
    });
  });

  it('have an error as their cause, whatever was thrown', () => {
    const error = new TypeError('x');
    expect(asError(error)).toBe(error);
    expect(asError('boom')).toMatchObject({ message: 'boom', cause: 'boom' });
  });
});
