import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSelectedSubprotocol, chooseSubprotocol, parseSubprotocols } from '../../src/handshake/index.ts';
import { formatSubprotocols } from '../../src/handshake/subprotocols.ts';

describe('T-PROTO: grammar', () => {
  it.each([
    ['chat', ['chat']],
    ['v2,v1', ['v2', 'v1']],
    ['\ta ,\t b \t', ['a', 'b']],
    ['chat, Chat', ['chat', 'Chat']],
    ['__proto__, constructor', ['__proto__', 'constructor']],
  ])('%j', (value, names) => {
    expect(parseSubprotocols(value)).toEqual(names);
  });

  it.each([
    '',
    ' ',
    ',',
    'a,',
    ',a',
    'a,,b',
    'a, ,b',
    'a b',
    'a/b',
    '"a"',
    'a;b',
    'a,a',
    'a, b , a',
    'a\u00a0',
    '\x0ba',
  ])('not %j', (value) => {
    expect(parseSubprotocols(value)).toBeUndefined();
  });

  it('reads back every list that is written', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,10}$/), {
      minLength: 1,
      maxLength: 9,
    });
    fc.assert(
      fc.property(names, (list) => {
        expect(parseSubprotocols(formatSubprotocols(list))).toEqual(list);
      }),
      { seed: 20261125, numRuns: 1000 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(',', ' ', 'a', '\t', '"', '\u00e9'), maxLength: 12 }),
        (value) => {
          const names = parseSubprotocols(value);
          if (names !== undefined) expect(parseSubprotocols(names.join(','))).toEqual(names);
        },
      ),
      { seed: 20261125, numRuns: 2000 },
    );
  });

  it.each([[['a', 'a']], [['']], [['a b']], [['a\r\nX: y']]])('T-CRLF: %j is not written', (names) => {
    expect(() => formatSubprotocols(names)).toThrow(TypeError);
  });
});

describe('choice', () => {
  it('follows the order of the client', () => {
    expect(chooseSubprotocol(['v3', 'v2', 'v1'], ['v1', 'v2'])).toBe('v2');
    expect(chooseSubprotocol(['v1'], ['V1'])).toBeUndefined();
    expect(chooseSubprotocol([], ['v1'])).toBeUndefined();
    expect(chooseSubprotocol(['constructor'], [])).toBeUndefined();
  });

  it('T-PROTO-SEL: what was not offered cannot be selected', () => {
    expect(() => checkSelectedSubprotocol('v2', ['v1'])).toThrow(/"v2" was not offered/);
    expect(() => checkSelectedSubprotocol('', [])).toThrow(TypeError);
    expect(() => checkSelectedSubprotocol('v1', ['v2', 'v1'])).not.toThrow();
    expect(() => checkSelectedSubprotocol(undefined, ['v1'])).not.toThrow();
  });
});
