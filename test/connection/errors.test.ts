import { describe, expect, it } from 'vitest';
import { ClosedError, errorOf, StateError, show, TimeoutError } from '../../src/connection/errors.ts';
import { WebSocketError } from '../../src/frame/errors.ts';

describe('errors', () => {
  it('name themselves, with a code to switch on', () => {
    const closure = { code: 1001, reason: 'bye', clean: true, by: 'peer' } as const;
    const errors = [new ClosedError(closure), new StateError('spent'), new TimeoutError('pingTimeout', 20)];
    expect(errors.map((error) => [error.name, error.code])).toEqual([
      ['ClosedError', 'ERR_WS_CLOSED'],
      ['StateError', 'ERR_WS_STATE'],
      ['TimeoutError', 'ERR_WS_TIMEOUT'],
    ]);
    for (const error of errors) expect(error).toBeInstanceOf(WebSocketError);
  });

  it('tell how a connection ended, and why', () => {
    const cause = new Error('reset');
    const closure = { code: 1006, reason: '', clean: false, by: 'transport', cause } as const;
    const error = new ClosedError(closure);
    expect(error.closure).toBe(closure);
    expect(error.cause).toBe(cause);
    expect(error.message).toBe('the connection is closed (1006)');
    const told = new ClosedError({ code: 4000, reason: 'timeout', clean: true, by: 'us' });
    expect(told.message).toContain('4000, timeout');
    expect('cause' in told).toBe(false);
    expect(new ClosedError(closure, { cause: 'other' }).cause).toBe('other');
  });

  it('tell which deadline passed', () => {
    const error = new TimeoutError('idleTimeout', 30_000, { cause: 'x' });
    expect(error).toMatchObject({ which: 'idleTimeout', ms: 30_000, cause: 'x' });
    expect(error.message).toBe('idleTimeout of 30000 ms has passed');
  });

  it('name a value so that text is told from what looks like it', () => {
    expect(['"1"', 1, null, undefined, [1]].map(show)).toEqual([
      String.raw`"\"1\""`,
      '1',
      'null',
      'undefined',
      '[object Array]',
    ]);
  });

  it('can be made of whatever was thrown', () => {
    const error = new RangeError('too far');
    expect(errorOf(error)).toBe(error);
    expect(errorOf('no luck')).toMatchObject({ message: 'no luck', cause: 'no luck' });
    expect(errorOf(undefined).message).toBe('undefined was thrown');
    const bare: unknown = Object.create(null);
    expect(errorOf(bare)).toMatchObject({ message: '[object Object] was thrown', cause: bare });
  });
});
