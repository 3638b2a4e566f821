/**
 * When a client that lost its connection tries again, and whether.
 *
 * The rule of this file: many clients that lost one server at the same moment come back spread over time, and none
 * comes back to a server that has told it not to. Randomness is an argument.
 * RFC 6455 §7.2.3 (a random first delay, truncated exponential backoff), the registry of close codes (1012, 1013),
 * RFC 9110 §10.2.3 (Retry-After).
 */
import { TimeoutError } from '../../connection/errors.ts';
import type { Closure } from '../../connection/types.ts';
import { closeCodes } from '../../frame/close.ts';
import { ConfigError, HandshakeError } from '../errors.ts';

/** Milliseconds. */
export interface BackoffTimes {
  readonly firstDelay: number;
  readonly maxDelay: number;
  readonly restartDelay: readonly [least: number, most: number];
}

/** Close codes after which the same again would only fail again, or is not wanted. */
const finalCodes: ReadonlySet<number> = new Set([
  closeCodes.protocolError,
  closeCodes.invalidPayload,
  closeCodes.policyViolation,
]);
const restartCodes: ReadonlySet<number> = new Set([closeCodes.serviceRestart, closeCodes.tryAgainLater]);
/** A Retry-After beyond an hour is taken for one. */
const longestWait = 3_600_000;

/** Whether this side closed, and not because of a fault or a deadline other than the one of the closing itself. */
export const isOnPurpose = ({ by, cause }: Closure): boolean =>
  by === 'us' && (cause === undefined || (cause instanceof TimeoutError && cause.which === 'closeTimeout'));

/** Whether a close code, from either side, says that trying again is of no use. */
export const isFinalClosure = ({ code }: Closure): boolean => finalCodes.has(code);

/** Too Many Requests (RFC 6585 §4): the one 4xx that may be about the moment and not about the request. */
const tooManyRequests = 429;

/**
 * Whether a failed `connect` is the last one: every answer but a 5xx, and every mistake of our own. A 429 is not when
 * its Retry-After says when to come back; without one it is a refusal like every other 4xx.
 */
export function isFinalError(error: unknown): boolean {
  if (!(error instanceof HandshakeError)) return error instanceof ConfigError;
  const { status, headers } = error;
  if (status === tooManyRequests) return !isRetryAfter(headers.get('retry-after'));
  return status !== 0 && status < 500;
}

/**
 * Milliseconds to wait after a loss.
 *
 * The first wait is anywhere below `firstDelay`; every further one lies between half of its ceiling and the ceiling,
 * which doubles from `firstDelay` on up to `maxDelay`.
 *
 * @param losses how many there were in a row, this one included
 * @param random from 0 up to 1
 */
export function backoffDelay(losses: number, times: BackoffTimes, random: () => number): number {
  const { firstDelay, maxDelay } = times;
  if (losses <= 1) return random() * Math.min(firstDelay, maxDelay);
  const ceiling = Math.min(maxDelay, firstDelay * 2 ** (losses - 1));
  return ceiling * (0.5 + random() / 2);
}

/** The wait after a closure: what 1012 and 1013 ask for, else the backoff. */
export function delayAfterClosure(
  closure: Closure,
  losses: number,
  times: BackoffTimes,
  random: () => number,
): number {
  const backoff = backoffDelay(losses, times, random);
  if (!restartCodes.has(closure.code)) return backoff;
  const [least, most] = times.restartDelay;
  return Math.max(backoff, least + random() * (most - least));
}

/** The wait after a failed `connect`: not before Retry-After, and spread behind it as everywhere. */
export function delayAfterError(
  error: unknown,
  losses: number,
  times: BackoffTimes,
  random: () => number,
  now: () => number,
): number {
  const backoff = backoffDelay(losses, times, random);
  const asked = error instanceof HandshakeError ? retryAfter(error.headers.get('retry-after'), now()) : 0;
  return asked === 0 ? backoff : asked + random() * times.firstDelay;
}

/** Milliseconds that a Retry-After asks for; 0 for none, one in the past, or one that makes no sense. */
export function retryAfter(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const wait = seconds.test(value) ? Number(value) * 1_000 : httpDate(value) - now;
  return Number.isNaN(wait) ? 0 : Math.min(Math.max(wait, 0), longestWait);
}

/** Whether it is a Retry-After that makes sense, be it `0` or in the past. */
const isRetryAfter = (value = ''): boolean => seconds.test(value) || !Number.isNaN(httpDate(value));

const seconds = /^[0-9]{1,10}$/;

/** IMF-fixdate, the one form that is sent today (RFC 9110 §5.6.7). */
const httpDate = (value: string): number =>
  /^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$/.test(value)
    ? Date.parse(value)
    : Number.NaN;
