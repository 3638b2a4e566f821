/**
 * Calls of the management API with retries: capped exponential backoff with full jitter.
 *
 * The rule of this file: an attempt and a pause never outlast the invocation, since Lambda stops the function without
 * a word when its time is over, and a typed error in time is worth more.
 *
 * A message may arrive twice: after a lost answer nobody knows whether API Gateway had accepted it.
 */
import { ClosedError, ManagementApiError, type ManagementOperation } from './errors.ts';
import { judgeFailure } from './failure.ts';
import type { ManagementApi } from './management-api.ts';

/** What calls are made with. Times in milliseconds. */
export interface CallSettings {
  /** Attempts per call, the first one included. */
  readonly attempts: number;
  /** Upper bound of the pause after the first attempt; doubles with each further one. */
  readonly retryDelay: number;
  /** What the bound never exceeds. */
  readonly maxRetryDelay: number;
  /** How long one attempt may take. */
  readonly requestTimeout: number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** The port that calls go to, and the time that the invocation has left. */
export interface CallTarget {
  readonly api: () => Promise<ManagementApi>;
  /** Milliseconds. */
  readonly remaining: () => number;
}

/** Kept back from the invocation's time, so that a failure can still be handled and reported. */
const reserve = 200;

/** Pause before the attempt that follows attempt number `attempt`: anything from 0 up to the bound. */
export function pauseAfter(attempt: number, settings: CallSettings): number {
  const bound = Math.min(settings.maxRetryDelay, settings.retryDelay * 2 ** (attempt - 1));
  return settings.random() * bound;
}

/**
 * Makes one call, repeated while that may help.
 *
 * @throws ClosedError when API Gateway answers that the connection is gone (410)
 * @throws ManagementApiError on every other failure, once the attempts or the time are used up
 */
export async function call<Answer>(
  operation: ManagementOperation,
  connectionId: string,
  target: CallTarget,
  settings: CallSettings,
  attemptCall: (api: ManagementApi, signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const api = await target.api();
  for (let attempt = 1; ; attempt += 1) {
    const time = Math.min(settings.requestTimeout, Math.max(1, target.remaining() - reserve));
    try {
      return await attemptCall(api, AbortSignal.timeout(Math.ceil(time)));
    } catch (cause) {
      const { reason, retryable, status } = judgeFailure(cause);
      if (reason === 'gone') throw new ClosedError(goneClosure(cause));
      const pause = retryable && attempt < settings.attempts ? pauseAfter(attempt, settings) : undefined;
      if (pause === undefined || pause + reserve >= target.remaining()) {
        throw new ManagementApiError({ reason, operation, connectionId, status, attempts: attempt }, cause);
      }
      await settings.sleep(pause);
    }
  }
}

/** Nobody tells how a connection ended that was gone when we called: RFC 6455 §7.1.5 has 1006 for that. */
const goneClosure = (cause: unknown) => ({
  code: 1006,
  reason: '',
  clean: false,
  by: 'transport' as const,
  ...(cause instanceof Error ? { cause } : {}),
});
