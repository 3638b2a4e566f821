import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DeflateParameters,
  readParameters,
  writeParameters,
} from '../../../src/extension/permessage-deflate/parameters.ts';

const empty: DeflateParameters = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: undefined,
  clientMaxWindowBits: undefined,
};

describe('readParameters', () => {
  it('reads each of the four parameters', () => {
    expect(readParameters([])).toEqual(empty);
    expect(
      readParameters([
        ['client_max_window_bits', '9'],
        ['server_no_context_takeover', undefined],
        ['server_max_window_bits', '15'],
        ['client_no_context_takeover', undefined],
      ]),
    ).toEqual({
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 9,
    });
    expect(readParameters([['client_max_window_bits', undefined]])).toEqual({
      ...empty,
      clientMaxWindowBits: true,
    });
  });

  it.each(['8', '9', '10', '11', '12', '13', '14', '15'])('reads window bits %s', (value) => {
    expect(readParameters([['server_max_window_bits', value]])?.serverMaxWindowBits).toBe(Number(value));
    expect(readParameters([['client_max_window_bits', value]])?.clientMaxWindowBits).toBe(Number(value));
  });

  it('refuses every other number as window bits', () => {
    for (let bits = -1; bits <= 1000; bits += 1) {
      if (bits < 8 || bits > 15) {
        expect(readParameters([['server_max_window_bits', String(bits)]])).toBeUndefined();
        expect(readParameters([['client_max_window_bits', String(bits)]])).toBeUndefined();
      }
    }
  });

  const malformed = [
    '',
    ' ',
    '08',
    '015',
    '0x0a',
    '+8',
    '8 ',
    ' 8',
    '8.0',
    '1e1',
    '"10"',
    '١٢',
    '8\n',
    'NaN',
  ];
  it.each(malformed)('refuses %j as window bits', (value) => {
    expect(readParameters([['server_max_window_bits', value]])).toBeUndefined();
    expect(readParameters([['client_max_window_bits', value]])).toBeUndefined();
  });

  it('refuses server_max_window_bits without a value', () => {
    expect(readParameters([['server_max_window_bits', undefined]])).toBeUndefined();
  });

  it.each(['', '1', 'true', '0', '15'])('refuses a no_context_takeover with the value %j', (value) => {
    expect(readParameters([['server_no_context_takeover', value]])).toBeUndefined();
    expect(readParameters([['client_no_context_takeover', value]])).toBeUndefined();
  });

  const unknown = [
    '',
    'foo',
    'Server_No_Context_Takeover',
    'server_max_window_bits ',
    '__proto__',
    'toString',
  ];
  it.each(unknown)('refuses the unknown parameter %j', (name) => {
    expect(readParameters([[name, undefined]])).toBeUndefined();
    expect(readParameters([[name, '10']])).toBeUndefined();
  });

  it('refuses a parameter that comes twice, even with the same value', () => {
    for (const [name, value] of [
      ['server_no_context_takeover', undefined],
      ['client_no_context_takeover', undefined],
      ['server_max_window_bits', '10'],
      ['client_max_window_bits', '10'],
    ] as const) {
      expect(readParameters([[name, value]])).toBeDefined();
      expect(
        readParameters([
          [name, value],
          [name, value],
        ]),
      ).toBeUndefined();
    }
  });

  it('takes any list of strings without throwing, and only well-formed ones', () => {
    const parameter = fc.tuple(
      fc.oneof(fc.string(), fc.constantFrom('server_max_window_bits', 'client_max_window_bits')),
      fc.option(fc.oneof(fc.string(), fc.integer({ min: -5, max: 40 }).map(String)), { nil: undefined }),
    );
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 4 }), (list) => {
        const read = readParameters(list);
        const again = read === undefined ? [] : writeParameters(read).parameters;
        expect([...again].sort()).toEqual(read === undefined ? [] : [...list].sort());
      }),
      { seed: 20261125, numRuns: 2000 },
    );
  });
});

describe('writeParameters', () => {
  it('writes what readParameters reads', () => {
    const bits = fc.integer({ min: 8, max: 15 });
    const parameters = fc.record({
      serverNoContextTakeover: fc.boolean(),
      clientNoContextTakeover: fc.boolean(),
      serverMaxWindowBits: fc.option(bits, { nil: undefined }),
      clientMaxWindowBits: fc.option(fc.oneof(bits, fc.constant<true>(true)), { nil: undefined }),
    });
    fc.assert(
      fc.property(parameters, (value) => {
        expect(readParameters(writeParameters(value).parameters)).toEqual(value);
      }),
      { seed: 20261125, numRuns: 500 },
    );
  });
});
