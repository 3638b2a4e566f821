/**
 * Reads what a failed call of the management API means from the error that its client threw.
 *
 * The rule of this file: the HTTP status decides. Class names do not, because the SDK names an error after a header
 * that proxies and emulators leave out, and because two copies of the SDK have two sets of classes.
 */
import type { ManagementFailure } from './errors.ts';

/** One failed attempt. */
export interface Failure {
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined;
  /** `gone` is 410: the connection does not exist, or not any more. */
  readonly reason: ManagementFailure | 'gone';
  /** Whether another attempt may succeed. */
  readonly retryable: boolean;
}

/** Judges an error of a `ManagementApi`. */
export function judgeFailure(error: unknown): Failure {
  const status = statusOf(error);
  if (status === undefined) {
    return isNetworkError(error)
      ? { status, reason: 'network', retryable: true }
      : { status, reason: 'request', retryable: false };
  }
  if (status === 410) return { status, reason: 'gone', retryable: false };
  if (status === 403) return { status, reason: 'forbidden', retryable: false };
  if (status === 413) return { status, reason: 'payloadTooLarge', retryable: false };
  if (status === 429) return { status, reason: 'throttled', retryable: true };
  if (status === 408 || status >= 500) return { status, reason: 'unavailable', retryable: true };
  return { status, reason: 'request', retryable: false };
}

/** The SDK keeps the status under `$metadata`; clients of your own may put it on the error as `status`. */
function statusOf(error: unknown): number | undefined {
  const status = field(field(error, '$metadata'), 'httpStatusCode') ?? field(error, 'status');
  return typeof status === 'number' ? status : undefined;
}

/** System errors (ECONNRESET, ENOTFOUND, …), as such or as the cause, and an attempt that ran into its timeout. */
function isNetworkError(error: unknown): boolean {
  const name = field(error, 'name');
  if (name === 'TimeoutError' || name === 'AbortError') return true;
  return isSystemError(error) || isSystemError(field(error, 'cause'));
}

function isSystemError(error: unknown): boolean {
  const code = field(error, 'code');
  return typeof code === 'string' && /^E(?!RR_)[A-Z_0-9]+$/.test(code);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
