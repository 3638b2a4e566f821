import { describe, expect, it } from 'vitest';
import { defaults, resolve } from '../../../src/platform/workers/config.ts';
import { ConfigError } from '../../../src/platform/workers/errors.ts';

/** The error of a configuration as JavaScript would give it. */
function errorOf(config: object): unknown {
  try {
    resolve(config);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the configuration', () => {
  it('fills in the defaults, also for undefined', () => {
    expect(resolve({})).toEqual(defaults);
    expect(resolve({ maxMessageSize: 5 })).toEqual({ ...defaults, maxMessageSize: 5 });
    expect(errorOf({ maxMessageSize: undefined })).toBeUndefined();
  });

  it.each([
    ['maxMessageSize', Infinity],
    ['closeTimeout', 0],
    ['closeTimeout', Infinity],
    ['origins', '*'],
    ['origins', ['https://example.com']],
    ['origins', () => true],
    ['subprotocols', () => undefined],
    ['headers', { 'X-Served-By': 'worker' }],
  ])('takes %s: %o', (name, value) => {
    expect(errorOf({ [name]: value })).toBeUndefined();
  });

  it.each([
    ['maxMessageSize', -1],
    ['maxQueueSize', '1000'],
    ['writeBufferSize', Number.NaN],
    ['maxWriteBufferSize', null],
    ['closeTimeout', -5],
    ['origins', 'https://example.com'],
    ['origins', 7],
    ['subprotocols', 'chat'],
    ['headers', 'X: y'],
    ['headers', null],
    ['onError', {}],
    ['pingInterval', 1000],
    ['perMessageDeflate', true],
    ['toString', 1],
  ])('refuses %s: %o, and names it', (name, value) => {
    const error = errorOf({ [name]: value });
    expect(error).toBeInstanceOf(ConfigError);
    expect(error).toMatchObject({ code: 'ERR_WS_CONFIG', path: name, received: value });
  });
});
