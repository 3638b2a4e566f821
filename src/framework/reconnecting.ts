/**
 * `reconnecting`: one connection after another, for clients that want to stay connected.
 *
 * The rule of this file: it only decides when the next `connect` is due. What was lost with a connection is for the
 * application to ask for again: nothing is sent twice, and nothing is queued in between.
 * RFC 6455 §7.2.3.
 */

import type { Connection } from '../connection/connection.ts';
import { ClosedError, errorOf } from '../connection/errors.ts';
import type { Closure } from '../connection/types.ts';
import { onAbort } from './client/abort.ts';
import {
  type BackoffTimes,
  delayAfterClosure,
  delayAfterError,
  isFinalClosure,
  isFinalError,
  isOnPurpose,
} from './client/backoff.ts';
import { type ClientPlan, type ConnectOptions, resolveOptions } from './client/options.ts';
import { type PlannedRequest, planRequest } from './client/request.ts';
import { open } from './connect.ts';
import { ConfigError } from './errors.ts';
import type { OpeningFacts } from './request.ts';

/** What is known when a wait begins. */
export interface Retry {
  /** Milliseconds until the attempt. */
  readonly delay: number;
  /** Losses in a row: 1 for the first attempt after a good connection. */
  readonly attempt: number;
  /** How the last connection ended, or what the last attempt failed with. */
  readonly cause: Closure | Error;
}

/** Options of `reconnecting`: those of {@link ConnectOptions}, and how to wait. Times in milliseconds. */
export interface ReconnectingOptions extends Omit<ConnectOptions, 'signal'> {
  /**
   * Ends it: a wait or an attempt at once, an open connection by closing it with 1000. The iteration then ends
   * without an error.
   */
  readonly signal?: AbortSignal;
  /** The first attempt after a loss comes at a random time below this. Default 5,000. */
  readonly firstDelay?: number;
  /** No wait of the backoff is longer. Default 60,000. */
  readonly maxDelay?: number;
  /** After a Close with 1012 (restart) or 1013 (try again later) the wait is random in this range. Default 5,000 to 30,000. */
  readonly restartDelay?: readonly [least: number, most: number];
  /** Told of every wait, which begins when it has returned or its promise has resolved. What it throws ends the iteration. */
  readonly onRetry?: (retry: Retry) => void | Promise<void>;
}

/** What the loop needs from the world; tests bring their own. */
export interface Surroundings {
  /** From 0 up to 1. */
  random(): number;
  /** Milliseconds since 1970, for dates in Retry-After. */
  now(): number;
  /** Resolves after the time, or when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

const extraFields = ['firstDelay', 'maxDelay', 'restartDelay', 'onRetry'] as const;

/**
 * Connects, and connects again whenever the connection is lost.
 *
 * Each connection is given to the loop once it is open; the next one is made after it has ended. Leaving the loop
 * leaves the connection open and ends the reconnecting. A connection that outlived `firstDelay` starts the backoff
 * anew.
 *
 * The iteration ends when `signal` is aborted or when the connection was closed on purpose from this side. It rejects
 * with a {@link ClosedError} after a close with 1002, 1007 or 1008, from either side, and with the `HandshakeError`
 * of an answer other than 101 or 5xx, because trying again would end the same way. One 4xx is different: a 429 with a
 * Retry-After (RFC 6585 §4) says when to come back, and is tried again then.
 *
 * No attempt comes before the Retry-After of the last answer (an hour at most), and each is spread behind it by a
 * random time below `firstDelay`.
 *
 * @throws {ConfigError} for a URL or option that can not be used
 */
export function reconnecting(
  url: string | URL,
  options: ReconnectingOptions = {},
): AsyncIterable<Connection<OpeningFacts>> {
  return reconnectingIn({ random: Math.random, now: Date.now, sleep }, url, options);
}

/** {@link reconnecting} with given surroundings. */
export function reconnectingIn(
  surroundings: Surroundings,
  url: string | URL,
  options: ReconnectingOptions,
): AsyncIterable<Connection<OpeningFacts>> {
  const plan = resolveOptions(options, extraFields);
  const { onRetry } = options;
  if (onRetry !== undefined && typeof onRetry !== 'function') {
    throw new ConfigError('onRetry', onRetry, 'a function');
  }
  const request = planRequest(url, plan);
  const times = timesOf(options);
  return { [Symbol.asyncIterator]: () => connections(surroundings, request, plan, times, onRetry) };
}

async function* connections(
  { random, now, sleep }: Surroundings,
  request: PlannedRequest,
  plan: ClientPlan,
  times: BackoffTimes,
  onRetry: ReconnectingOptions['onRetry'],
): AsyncGenerator<Connection<OpeningFacts>, undefined> {
  const { signal } = plan;
  let losses = 0;
  while (!signal?.aborted) {
    const opened = now();
    const attempt = await attemptOf(request, plan);
    let delay: number;
    let cause: Closure | Error;
    if ('connection' in attempt) {
      const closure = yield* lend(attempt.connection, signal);
      if (signal?.aborted || isOnPurpose(closure)) return;
      if (isFinalClosure(closure)) throw new ClosedError(closure);
      losses = now() - opened > times.firstDelay ? 1 : losses + 1;
      delay = delayAfterClosure(closure, losses, times, random);
      cause = closure;
    } else {
      if (signal?.aborted) return;
      if (isFinalError(attempt.error)) throw attempt.error;
      losses += 1;
      delay = delayAfterError(attempt.error, losses, times, random, now);
      cause = attempt.error;
    }
    await onRetry?.({ delay, attempt: losses, cause });
    await sleep(delay, signal);
  }
}

type Attempt = { readonly connection: Connection<OpeningFacts> } | { readonly error: Error };

async function attemptOf(request: PlannedRequest, plan: ClientPlan): Promise<Attempt> {
  try {
    return { connection: await open(request, plan) };
  } catch (error) {
    return { error: errorOf(error) };
  }
}

/** Gives the connection to the loop and waits for its end, which an aborted signal brings about. */
async function* lend(
  connection: Connection<OpeningFacts>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Connection<OpeningFacts>, Closure> {
  const forget = onAbort(signal, () => void connection[Symbol.asyncDispose]());
  try {
    yield connection;
    return await connection.closed;
  } finally {
    forget();
  }
}

/** Waits; an aborted signal ends the wait. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      forget();
      resolve();
    }, ms);
    const forget = onAbort(signal, () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Longest time that a timer of Node's can have. */
const longestTime = 2 ** 31 - 1;

function timesOf(options: ReconnectingOptions): BackoffTimes {
  const { firstDelay = 5_000, maxDelay = 60_000, restartDelay = [5_000, 30_000] } = options;
  for (const [path, value] of Object.entries({ firstDelay, maxDelay })) {
    if (!isTime(value)) throw new ConfigError(path, value, `milliseconds up to ${longestTime}`);
  }
  const [least, most] = Array.isArray(restartDelay) ? restartDelay : [];
  if (!isTime(least) || !isTime(most) || least > most) {
    throw new ConfigError('restartDelay', restartDelay, 'a range of milliseconds, [least, most]');
  }
  return { firstDelay, maxDelay, restartDelay: [least, most] };
}

const isTime = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= longestTime;
