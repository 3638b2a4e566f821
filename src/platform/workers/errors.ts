/**
 * Errors before a connection exists: the client's handshake is refused, or the configuration is wrong.
 */
import { WebSocketError } from '../../frame/errors.ts';

/** The request cannot become a WebSocket. */
export class HandshakeError extends WebSocketError {
  readonly code = 'ERR_WS_HANDSHAKE';
  /** HTTP status. */
  readonly status: number;
  /** One plain sentence. */
  readonly body: string;
  /** What the status owes the client, such as `Allow` or `Sec-WebSocket-Version`. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
    super(body);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }

  /** The refusal as a response. */
  response(): Response {
    return new Response(this.body, { status: this.status, headers: this.headers });
  }
}

/** An option is unknown here or has a bad value. */
export class ConfigError extends WebSocketError {
  readonly code = 'ERR_WS_CONFIG';
  /** The option. */
  readonly path: string;
  readonly received: unknown;

  constructor(path: string, received: unknown, expected: string) {
    super(`${path}: ${expected}`);
    this.path = path;
    this.received = received;
  }
}
