/**
 * Errors of a connection's life: it is over, it is used wrongly, or it waited too long.
 */
import { WebSocketError } from '../frame/errors.ts';
import type { Closure } from './types.ts';

/** The connection no longer takes this, because it is closing or closed. */
export class ClosedError extends WebSocketError {
  readonly code = 'ERR_WS_CLOSED';
  /** How it ended, as far as it is known by now. */
  readonly closure: Closure;

  constructor(
    closure: Closure,
    options: ErrorOptions = closure.cause === undefined ? {} : { cause: closure.cause },
  ) {
    super(
      `the connection is closed (${closure.code}${closure.reason === '' ? '' : `, ${closure.reason}`})`,
      options,
    );
    this.closure = closure;
  }
}

/** A handle was used in a way that its state does not allow, such as the whole connection after `split`. */
export class StateError extends WebSocketError {
  readonly code = 'ERR_WS_STATE';
}

/** A deadline of the configuration passed. */
export class TimeoutError extends WebSocketError {
  readonly code = 'ERR_WS_TIMEOUT';
  /** Which option, such as `pingTimeout`. */
  readonly which: string;
  /** Its value in milliseconds. */
  readonly ms: number;

  constructor(which: string, ms: number, options?: ErrorOptions) {
    super(`${which} of ${ms} ms has passed`, options);
    this.which = which;
    this.ms = ms;
  }
}

/** A value as it is named in an error's text. */
export const show = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value);
  return String(value);
};

/** What was thrown, as an error. Anything can be thrown, also objects that no string can be made of. */
export const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error
    ? thrown
    : new Error(typeof thrown === 'string' ? thrown : `${show(thrown)} was thrown`, { cause: thrown });
