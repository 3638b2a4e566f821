import fc from 'fast-check';
import { ConfigError, HandshakeError, TimeoutError } from 'framewright';
import { describe, expect, it } from 'vitest';
import {
  type BackoffTimes,
  backoffDelay,
  delayAfterClosure,
  delayAfterError,
  isFinalClosure,
  isFinalError,
  isOnPurpose,
  retryAfter,
} from '../../../src/framework/client/backoff.ts';

const times: BackoffTimes = { firstDelay: 5_000, maxDelay: 60_000, restartDelay: [5_000, 30_000] };
const closure = (code: number) => ({ code, reason: '', clean: true, by: 'peer' }) as const;
const at = (value: number) => (): number => value;
const answered = (status: number, retry?: string): HandshakeError =>
  new HandshakeError('no', { status, headers: new Map(retry === undefined ? [] : [['retry-after', retry]]) });

describe('backoffDelay', () => {
  it('begins below firstDelay and doubles up to maxDelay', () => {
    const ranges = [1, 2, 3, 4, 5, 6, 50, 5_000].map((losses) => [
      backoffDelay(losses, times, at(0)),
      backoffDelay(losses, times, at(1)),
    ]);
    expect(ranges).toEqual([
      [0, 5_000],
      [5_000, 10_000],
      [10_000, 20_000],
      [20_000, 40_000],
      [30_000, 60_000],
      [30_000, 60_000],
      [30_000, 60_000],
      [30_000, 60_000],
    ]);
  });

  it('is never negative, never above maxDelay', () => {
    const property = fc.property(
      fc.nat(100),
      fc.double({ min: 0, max: 0.999_999, noNaN: true }),
      fc.nat(100_000),
      fc.nat(100_000),
      (losses, random, firstDelay, maxDelay) => {
        const delay = backoffDelay(losses, { ...times, firstDelay, maxDelay }, at(random));
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(maxDelay);
      },
    );
    fc.assert(property, { seed: 20261125, numRuns: 1_000 });
  });
});

describe('what the server asks for', () => {
  it('1012 and 1013 are waited for in restartDelay, or longer when the backoff says so', () => {
    for (const code of [1012, 1013]) {
      expect(delayAfterClosure(closure(code), 1, times, at(0))).toBe(5_000);
      expect(delayAfterClosure(closure(code), 1, times, at(1))).toBe(30_000);
      expect(delayAfterClosure(closure(code), 9, times, at(1))).toBe(60_000);
    }
    for (const code of [1000, 1001, 1006, 1011, 4000]) {
      expect(delayAfterClosure(closure(code), 1, times, at(0.5))).toBe(2_500);
    }
  });

  it('Retry-After is a least wait, spread by the first delay', () => {
    const delay = (error: unknown, random: number): number =>
      delayAfterError(error, 1, times, at(random), at(0));
    expect(delay(answered(503, '7'), 0)).toBe(7_000);
    expect(delay(answered(503, '7'), 1)).toBe(12_000);
    expect(delay(answered(503, '0'), 0.5)).toBe(2_500);
    expect(delay(answered(503), 0.5)).toBe(2_500);
    expect(delay(new TimeoutError('handshakeTimeout', 1), 0.5)).toBe(2_500);
  });

  it('Retry-After is seconds or a date, at most an hour, and nonsense is nothing', () => {
    const now = Date.UTC(2026, 10, 25, 12, 0, 0);
    expect(retryAfter('120', now)).toBe(120_000);
    expect(retryAfter('Wed, 25 Nov 2026 12:00:30 GMT', now)).toBe(30_000);
    expect(retryAfter('Wed, 25 Nov 2026 11:00:30 GMT', now)).toBe(0);
    expect(retryAfter('9999999999', now)).toBe(3_600_000);
    for (const odd of ['', '-1', '1.5', 'soon', '1e9', 'Wed, 99 Nov 2026 12:00:30 GMT', '9'.repeat(400)]) {
      expect(retryAfter(odd, now)).toBe(0);
    }
  });
});

describe('what is final', () => {
  it('closures with 1002, 1007 and 1008', () => {
    const final = [];
    for (let code = 1000; code < 5000; code += 1) if (isFinalClosure(closure(code))) final.push(code);
    expect(final).toEqual([1002, 1007, 1008]);
  });

  it('answers other than 5xx, and our own mistakes', () => {
    for (const status of [101, 200, 302, 400, 401, 404, 429])
      expect(isFinalError(answered(status))).toBe(true);
    // A 429 that says when to come back is an invitation; any other 4xx stays what it is.
    for (const retry of ['0', '30', 'Wed, 25 Nov 2026 12:00:30 GMT']) {
      expect(isFinalError(answered(429, retry))).toBe(false);
      for (const status of [302, 400, 403, 404]) expect(isFinalError(answered(status, retry))).toBe(true);
    }
    for (const odd of ['', 'soon', '-1']) expect(isFinalError(answered(429, odd))).toBe(true);
    for (const status of [0, 500, 502, 503]) expect(isFinalError(answered(status))).toBe(false);
    expect(isFinalError(new ConfigError('url', '', 'a URL'))).toBe(true);
    expect(isFinalError(new TimeoutError('handshakeTimeout', 1))).toBe(false);
  });

  it('a close from this side, unless a fault or a deadline was behind it', () => {
    const ours = (cause?: Error) =>
      isOnPurpose({
        code: 1000,
        reason: '',
        clean: true,
        by: 'us',
        ...(cause === undefined ? {} : { cause }),
      });
    expect(ours()).toBe(true);
    expect(ours(new TimeoutError('closeTimeout', 1))).toBe(true);
    expect(ours(new TimeoutError('pingTimeout', 1))).toBe(false);
    expect(ours(new Error('x'))).toBe(false);
    expect(isOnPurpose(closure(1000))).toBe(false);
  });
});
