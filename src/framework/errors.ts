/**
 * Errors of setting up: a configuration that makes no sense, and an opening handshake that failed.
 */
import { show } from '../connection/errors.ts';
import { WebSocketError } from '../frame/errors.ts';

/** A configuration value is wrong. Thrown at set-up, before anything is opened. */
export class ConfigError extends WebSocketError {
  readonly code = 'ERR_WS_CONFIG';
  /** Where, such as `maxFrameSize` or `perMessageDeflate.level`. */
  readonly path: string;
  /** What stood there. */
  readonly received: unknown;

  constructor(path: string, received: unknown, expected: string, options?: ErrorOptions) {
    super(`${path}: expected ${expected}, received ${show(received)}`, options);
    this.path = path;
    this.received = received;
  }
}

/** What a failed opening handshake is told with. */
export interface HandshakeFailure {
  /** HTTP status: the one a server answers with, or the one it answered; 0 when there was no answer. */
  readonly status: number;
  /** Fields of the answer, names in lower case. */
  readonly headers?: ReadonlyMap<string, string>;
  /** The answer's body; of a received one at most the first 4 KiB. */
  readonly body?: string;
}

/** The opening handshake failed (RFC 6455 §4). */
export class HandshakeError extends WebSocketError {
  readonly code = 'ERR_WS_HANDSHAKE';
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Fields of the answer, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** The answer's body. */
  readonly body: string;

  constructor(
    message: string,
    { status, headers = new Map(), body = '' }: HandshakeFailure,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

/** This runtime or version can not do what was asked for. */
export class UnsupportedError extends WebSocketError {
  readonly code = 'ERR_WS_UNSUPPORTED';
}
