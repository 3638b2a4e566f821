/**
 * Errors before a connection exists: the client's handshake is refused, or the configuration is wrong.
 *
 * The rule of this file: names, codes and fields are those of the Node side; only what fills them is smaller, since
 * every Worker carries it.
 */
import { WebSocketError } from '../../frame/errors.ts';

/** The request cannot become a WebSocket. */
export class HandshakeError extends WebSocketError {
  readonly code = 'ERR_WS_HANDSHAKE';
  /** HTTP status. */
  readonly status: number;
  /** One plain sentence. */
  readonly body: string;
  /** Fields of the answer, names in lower case, such as `allow` or `sec-websocket-version`. */
  readonly headers: ReadonlyMap<string, string>;

  constructor(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
    super(body);
    this.status = status;
    this.body = body;
    this.headers = new Map(Object.entries(headers));
  }

  /** The refusal as a response. */
  response(): Response {
    return new Response(this.body, { status: this.status, headers: [...this.headers] });
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
