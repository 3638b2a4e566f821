import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptCommonOpening, checkOpeningRequest, type RequestHead } from '../../src/handshake/index.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const GOOD: readonly (readonly [name: string, value: string])[] = [
  ['Host', 'localhost'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
];

const headOf = (
  fields: readonly (readonly [string, string])[],
  line: Partial<RequestHead> = {},
): RequestHead => ({
  method: 'GET',
  target: '/',
  httpVersion: '1.1',
  rawHeaders: fields.flat(),
  ...line,
});

/** What it accepts, the judge accepts with the same result. @returns whether it does */
function agrees(head: RequestHead): boolean {
  const quick = acceptCommonOpening(head);
  if (quick === undefined) return false;
  const outcome = checkOpeningRequest(head);
  const { method, target, path, query, host, key, origin, subprotocols, extensions, headers } = quick;
  expect({
    ok: true,
    request: { method, target, path, query, host, key, origin, subprotocols, extensions, headers },
  }).toEqual(outcome);
  return true;
}

describe('a head that another server has read', () => {
  it('is accepted when it is an ordinary one', () => {
    expect(agrees(headOf(GOOD))).toBe(true);
    expect(agrees(headOf([...GOOD, ['Origin', 'http://a'], ['Cookie', 'a=1'], ['COOKIE', 'b=2']]))).toBe(
      true,
    );
    expect(
      agrees(headOf([...GOOD, ['Sec-WebSocket-Protocol', 'b,a'], ['Sec-WebSocket-Extensions', 'x;y']])),
    ).toBe(true);
  });

  it('in any spelling', () => {
    for (const spell of [(name: string) => name.toLowerCase(), (name: string) => name.toUpperCase()]) {
      const fields = GOOD.map(([name, value]) => [spell(name), value] as const);
      expect(
        agrees(headOf([...fields, [spell('Sec-WebSocket-Protocol'), 'b'], [spell('Origin'), 'o']])),
      ).toBe(true);
      expect(agrees(headOf([...fields, [spell('Sec-WebSocket-Whatever'), 'x']]))).toBe(false);
    }
  });

  it('is left to the judge otherwise', () => {
    expect(agrees(headOf([...GOOD, ['hOST', 'localhost']]))).toBe(false);
    expect(agrees(headOf([...GOOD, ['Sec-WebSocket-Whatever', 'x']]))).toBe(false);
    expect(agrees(headOf([...GOOD, ['content-LENGTH', '0']]))).toBe(false);
    expect(agrees(headOf(GOOD, { method: 'get' }))).toBe(false);
    expect(agrees(headOf(GOOD, { httpVersion: '1.0' }))).toBe(false);
    expect(agrees({ ...headOf(GOOD), rawHeaders: [...GOOD.flat(), 'X'] })).toBe(false);
    for (const [name] of GOOD) expect(agrees(headOf(GOOD.filter((field) => field[0] !== name)))).toBe(false);
  });

  it('whatever the fields and the values are', () => {
    const name = fc.oneof(
      fc.constantFrom(
        ...GOOD.map(([known]) => known),
        'origin',
        'SEC-WEBSOCKET-PROTOCOL',
        'Transfer-Encoding',
        '\u212aey',
      ),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    const value = fc.oneof(
      fc.constantFrom(...GOOD.map(([, known]) => known), '', 'a, b', 'a,', 'keep-alive, upgrade', '\r\nX: y'),
      fc.string({ unit: 'binary', maxLength: 8 }),
    );
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...GOOD], { minLength: 4 }),
        fc.array(fc.tuple(name, value), { maxLength: 3 }),
        fc.constantFrom('/', '/a?b', '*', '/#', '', '/\xe9'),
        (fields, more, target) => {
          if (agrees(headOf([...fields, ...more], { target }))) accepted += 1;
        },
      ),
      { seed: 20261125, numRuns: 1_500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
