import { describe, expect, it } from 'vitest';
import { permessageDeflate } from '../../../src/extension/index.ts';
import { readOptions } from '../../../src/extension/permessage-deflate/options.ts';

/** Options as plain JavaScript may pass them. */
const untyped = (options: object): object => options;

describe('readOptions', () => {
  it('has the documented defaults', () => {
    expect(readOptions({})).toEqual({
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
      serverMaxWindowBits: undefined,
      clientMaxWindowBits: true,
      threshold: undefined,
      level: 3,
      memLevel: 5,
      maxContexts: 128,
      concurrency: 4,
    });
  });

  it('takes every option at both ends of its range', () => {
    for (const options of [
      { serverMaxWindowBits: 8, clientMaxWindowBits: 8, threshold: 0, level: 0, memLevel: 1 },
      { serverMaxWindowBits: 15, clientMaxWindowBits: 15, threshold: 1e9, level: 9, memLevel: 9 },
      { clientMaxWindowBits: false, maxContexts: 1, concurrency: 1, serverNoContextTakeover: true },
      { clientMaxWindowBits: true, clientNoContextTakeover: true },
    ]) {
      expect(readOptions(options)).toMatchObject(options);
    }
  });

  it('counts undefined as absent', () => {
    expect(readOptions(untyped({ level: undefined, clientMaxWindowBits: undefined }))).toEqual(
      readOptions({}),
    );
  });

  it.each([
    ['serverMaxWindowBits', [7, 16, 9.5, Number.NaN, Number.POSITIVE_INFINITY, -8]],
    ['clientMaxWindowBits', [7, 16, 9.5, Number.NaN]],
    ['threshold', [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['level', [-1, 10, 1.5]],
    ['memLevel', [0, 10]],
    ['maxContexts', [0, -1, 1.5]],
    ['concurrency', [0, Number.POSITIVE_INFINITY]],
  ])('%s: a number out of range is a RangeError that names it', (name, values) => {
    for (const value of values) {
      const attempt = (): unknown => permessageDeflate(untyped({ [name]: value }));
      expect(attempt).toThrow(RangeError);
      expect(attempt).toThrow(new RegExp(`^${name} must be`));
    }
  });

  it.each([
    ['serverMaxWindowBits', ['10', true, null]],
    ['clientMaxWindowBits', ['10', null, {}]],
    ['threshold', ['1024', null, 10n]],
    ['level', ['6', {}]],
    ['serverNoContextTakeover', [1, 'true', null]],
    ['clientNoContextTakeover', [0, '']],
  ])('%s: a value of the wrong type is a TypeError that names it', (name, values) => {
    for (const value of values) {
      const attempt = (): unknown => permessageDeflate(untyped({ [name]: value }));
      expect(attempt).toThrow(TypeError);
      expect(attempt).toThrow(new RegExp(`^${name} must be`));
    }
  });

  it.each(['treshold', 'zlibDeflateOptions', 'toString', 'constructor'])('refuses the unknown %s', (name) => {
    expect(() => permessageDeflate(untyped({ [name]: 1 }))).toThrow(
      new TypeError(`${name} is not an option of permessage-deflate`),
    );
  });
});
