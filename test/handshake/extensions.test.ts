import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExtensionOffer, formatExtensions, parseExtensions } from '../../src/handshake/index.ts';

/** Short notation: `['a', ['b', '1'], ['c']]` is `a; b=1; c`. */
type Short = readonly [name: string, ...parameters: (readonly [string, string?])[]];
const offers = (...list: Short[]): ExtensionOffer[] =>
  list.map(([name, ...parameters]) => ({
    name,
    parameters: parameters.map(([key, value]) => [key, value] as const),
  }));

describe('T-EXT: grammar', () => {
  it.each<[value: string, expected: ExtensionOffer[]]>([
    ['a', offers(['a'])],
    ['a, b', offers(['a'], ['b'])],
    ['a;b', offers(['a', ['b']])],
    [
      'permessage-deflate; client_max_window_bits',
      offers(['permessage-deflate', ['client_max_window_bits']]),
    ],
    ['\ta\t;\tb=1\t,c ; d = e'.replace(' = ', '='), offers(['a', ['b', '1']], ['c', ['d', 'e']])],
    ['a; b="c"', offers(['a', ['b', 'c']])],
    ['a; b="\\c"', offers(['a', ['b', 'c']])],
    ['a; b="c\\d\\e"; f', offers(['a', ['b', 'cde'], ['f']])],
    ['a; b; b=1; b', offers(['a', ['b'], ['b', '1'], ['b']])],
    ['a, a', offers(['a'], ['a'])],
    ['__proto__; constructor=toString', offers(['__proto__', ['constructor', 'toString']])],
  ])('%s', (value, expected) => {
    expect(parseExtensions(value)).toEqual(expected);
  });

  it.each([
    '',
    ' ',
    ',',
    'a,',
    ',a',
    'a,,b',
    'a;',
    'a;;b',
    'a; b;',
    'a;=1',
    'a; b=',
    'a; b=,c',
    'a; b =1',
    'a; b= 1',
    'a b',
    'a=1',
    'a; b=1 2',
    'a; b="',
    'a; b=""',
    'a; b="c',
    'a; b="c d"',
    'a; b="c,d"',
    'a; b="c;d"',
    'a; b="\\"',
    'a; b="\\',
    'a; b="\\""',
    'a; b="\\ "',
    'a; b="c"d',
    'a; b="c""d"',
    "a; b='c d'",
    '"a"',
    'a/b',
    'a; b=c@d',
    'a\u00e9',
    'a\u0161',
    'a\0',
    'a\r\nb',
  ])('not %j', (value) => {
    expect(parseExtensions(value)).toBeUndefined();
  });
});

const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/);
const offer = fc.record({
  name: token,
  parameters: fc.array(fc.tuple(token, fc.option(token, { nil: undefined })), { maxLength: 4 }),
});

describe('writing', () => {
  it('reads back every list that is written', () => {
    fc.assert(
      fc.property(fc.array(offer, { minLength: 1, maxLength: 5 }), (list) => {
        expect(parseExtensions(formatExtensions(list))).toEqual(list);
      }),
      { seed: 20261125, numRuns: 2000 },
    );
  });

  it('quoting and escaping change nothing', () => {
    fc.assert(
      fc.property(token, token, fc.infiniteStream(fc.boolean()), (name, value, escapes) => {
        const quoted = [...value]
          .map((character) => (escapes.next().value ? `\\${character}` : character))
          .join('');
        expect(parseExtensions(`x; ${name}="${quoted}"`)).toEqual([
          { name: 'x', parameters: [[name, value]] },
        ]);
      }),
      { seed: 20261125, numRuns: 1000 },
    );
  });

  it('what is read from noise is written and read again unchanged, and nothing throws', () => {
    const noise = fc.string({
      unit: fc.constantFrom('a', ';', ',', '=', '"', '\\', ' ', '\t', 'b', '\u00e9'),
      maxLength: 14,
    });
    fc.assert(
      fc.property(noise, (value) => {
        const list = parseExtensions(value);
        if (list !== undefined) expect(parseExtensions(formatExtensions(list))).toEqual(list);
      }),
      { seed: 20261125, numRuns: 10_000 },
    );
  });

  it('T-CRLF: no part that is not a token is written', () => {
    for (const bad of ['', 'a b', 'a\r\nX: y', 'a;b', '\u00e9']) {
      expect(() => formatExtensions([{ name: bad, parameters: [] }])).toThrow(TypeError);
      expect(() => formatExtensions([{ name: 'a', parameters: [[bad, undefined]] }])).toThrow(TypeError);
      expect(() => formatExtensions([{ name: 'a', parameters: [['b', bad]] }])).toThrow(TypeError);
    }
    expect(formatExtensions([])).toBe('');
  });
});
