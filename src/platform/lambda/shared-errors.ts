/**
 * Errors about the configuration and the platform, as opposed to those of a connection.
 *
 * The rule of this file: what is wrong is named by its path, and what was received is kept.
 */
import { WebSocketError } from '../../frame/errors.ts';

/** An option is unknown or has a bad value. */
export class ConfigError extends WebSocketError {
  readonly code = 'ERR_WS_CONFIG';
  readonly path: string;
  readonly received: unknown;

  constructor(path: string, received: unknown, expected: string, options?: ErrorOptions) {
    super(`${path}: ${expected}`, options);
    this.path = path;
    this.received = received;
  }
}

/** The platform cannot do this. */
export class UnsupportedError extends WebSocketError {
  readonly code = 'ERR_WS_UNSUPPORTED';
}
