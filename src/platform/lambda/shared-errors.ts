/**
 * Errors that every platform has in common, where the connection layer does not define them yet.
 */
import { WebSocketError } from '../../frame/errors.ts';

/** How a connection ended. */
export interface Closure {
  readonly code: number;
  readonly reason: string;
  readonly clean: boolean;
  readonly by: 'us' | 'peer' | 'transport';
  readonly cause?: Error;
}

/** The connection has ended; `closure` says how. */
export class ClosedError extends WebSocketError {
  readonly code = 'ERR_WS_CLOSED';
  readonly closure: Closure;

  constructor(closure: Closure) {
    super(
      `the connection is closed (${closure.code})`,
      closure.cause === undefined ? undefined : { cause: closure.cause },
    );
    this.closure = closure;
  }
}

/** The call is not possible in the present state. */
export class StateError extends WebSocketError {
  readonly code = 'ERR_WS_STATE';
}

/** An option is unknown or has a bad value. */
export class ConfigError extends WebSocketError {
  readonly code = 'ERR_WS_CONFIG';
  readonly path: string;
  readonly received: unknown;

  constructor(path: string, received: unknown, expected: string) {
    super(`${path}: ${expected}`);
    this.path = path;
    this.received = received;
  }
}

/** The platform cannot do this. */
export class UnsupportedError extends WebSocketError {
  readonly code = 'ERR_WS_UNSUPPORTED';
}
