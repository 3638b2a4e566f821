import { describe, expect, it } from 'vitest';
import { judgeFailure } from '../../../src/platform/lambda/failure.ts';
import { httpError } from './invocation.ts';

const systemError = (code: string) => Object.assign(new Error(code), { code });

describe('a failed attempt', () => {
  it.each([
    [400, 'request', false],
    [403, 'forbidden', false],
    [404, 'request', false],
    [408, 'unavailable', true],
    [410, 'gone', false],
    [413, 'payloadTooLarge', false],
    [429, 'throttled', true],
    [500, 'unavailable', true],
    [503, 'unavailable', true],
  ])('with status %i is %s', (status, reason, retryable) => {
    expect(judgeFailure(httpError(status))).toEqual({ status, reason, retryable });
    expect(judgeFailure(Object.assign(new Error(), { status }))).toEqual({ status, reason, retryable });
  });

  it('is judged by its status, not by its name: emulators answer 410 without an error type', () => {
    const unknown = Object.assign(httpError(410), { name: 'Unknown' });
    expect(judgeFailure(unknown).reason).toBe('gone');
  });

  it('without an answer is worth another attempt', () => {
    const errors = [
      systemError('ECONNRESET'),
      systemError('ENOTFOUND'),
      new Error('fetch failed', { cause: systemError('ECONNREFUSED') }),
      new DOMException('over', 'TimeoutError'),
      new DOMException('over', 'AbortError'),
    ];
    for (const error of errors)
      expect(judgeFailure(error)).toMatchObject({ reason: 'network', retryable: true });
  });

  it('that never left the process is not', () => {
    const errors = [
      new Error('Could not load credentials from any providers'),
      systemError('ERR_INVALID_ARG_TYPE'),
      'text',
      undefined,
    ];
    for (const error of errors) {
      expect(judgeFailure(error)).toEqual({ status: undefined, reason: 'request', retryable: false });
    }
  });
});
