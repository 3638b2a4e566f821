/**
 * `WebSocketContext`: an opening request that passed the handshake's checks and waits for its answer.
 *
 * The rule of this file: until `respond` nothing is written and nothing more is read, so a handler may take its time
 * (within `handshakeTimeout`), and what the client sent early is neither lost nor piled up.
 */
import type { Duplex } from 'node:stream';
import type { Connection } from '../connection/connection.ts';
import { StateError } from '../connection/errors.ts';
import type { Closure } from '../connection/types.ts';
import {
  acceptValue,
  checkExtraHeaders,
  formatOpeningResponse,
  isRefusalStatus,
  type OpeningRequest,
} from '../handshake/index.ts';
import { StreamTransport } from '../transport/stream.ts';
import { type Config, type ResolvedConfig, resolveConfig } from './config.ts';
import { checkPolicies, guard, openingOf, refuse, settleExtension, settleSubprotocol } from './opening.ts';
import { AcceptedRequest, type OpeningFacts } from './request.ts';
import { type SessionHandler, WebSocketResponse } from './response.ts';
import { sha1Base64 } from './runtime.ts';
import { createConnection, roles, runSession } from './session.ts';

/** The parts of Node's `IncomingMessage` that matter; any HTTP server of your own can give them. */
export interface IncomingRequest {
  readonly method?: string | undefined;
  /** The request target, as in the request line. */
  readonly url?: string | undefined;
  /** Names and values alternating, as they came. */
  readonly rawHeaders: readonly string[];
  /** Default `1.1`. */
  readonly httpVersion?: string;
}

/** What a server adds to the contexts that it makes. */
export interface ContextExtras {
  readonly params?: Readonly<Record<string, string>>;
  readonly config?: ResolvedConfig;
  readonly onOpen?: (connection: Connection<OpeningFacts>) => void;
  readonly onClosed?: (connection: Connection<OpeningFacts>, closure: Closure) => void;
}

/** Sockets that belong to a context: a socket has one opening handshake. */
const taken = new WeakSet<Duplex>();

/** Whether a socket belongs to a context already. */
export const isTaken = (socket: Duplex): boolean => taken.has(socket);

export class WebSocketContext {
  /** The request. */
  readonly request: OpeningFacts;
  /** Values of the path's `:params`, decoded; empty outside `listen` and `upgrade` with routes. */
  readonly params: Readonly<Record<string, string>>;
  readonly #opening: OpeningRequest;
  readonly #socket: Duplex;
  readonly #head: Uint8Array;
  readonly #secure: boolean;
  readonly #extras: ContextExtras;
  #responded = false;

  private constructor(opening: OpeningRequest, socket: Duplex, head: Uint8Array, extras: ContextExtras) {
    this.#opening = opening;
    this.#socket = socket;
    this.#head = head;
    this.#secure = Reflect.get(socket, 'encrypted') === true;
    this.#extras = extras;
    this.request = new AcceptedRequest(opening, this.#secure);
    this.params = extras.params ?? {};
  }

  /**
   * Checks an opening request (RFC 6455 §4.2.1).
   *
   * @param request node:http's request, or `{ method, url, rawHeaders }` of a server of your own
   * @param socket the connection, which nobody reads from any more
   * @param head bytes that were read behind the request
   * @throws {HandshakeError} with the status, headers and body to refuse with; the socket is left to the caller
   * @throws {StateError} for a socket that has a context already
   */
  static from(
    request: IncomingRequest,
    socket: Duplex,
    head: Uint8Array = new Uint8Array(0),
    extras: ContextExtras = {},
  ): WebSocketContext {
    if (taken.has(socket)) throw new StateError('this socket is upgraded already');
    const opening = openingOf({
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion ?? '1.1',
      rawHeaders: request.rawHeaders,
    });
    taken.add(socket);
    guard(socket);
    socket.pause();
    return new WebSocketContext(opening, socket, head, extras);
  }

  /** The answer that accepts, with the defaults (or the server's configuration) for everything. Lazy. */
  upgrade(handler: SessionHandler): WebSocketResponse {
    return this.#accept(this.#extras.config ?? resolveConfig(), handler);
  }

  /**
   * The answer that accepts with a configuration of its own. Lazy. Whatever it does not name has its default, except
   * `allowedHosts` and `onError`, which are the server's.
   *
   * @throws {ConfigError}
   */
  upgradeWith(config: Config, handler: SessionHandler): WebSocketResponse {
    const own = resolveConfig(config);
    const server = this.#extras.config;
    if (server === undefined) return this.#accept(own, handler);
    const allowedHosts = own.allowedHosts ?? server.allowedHosts;
    const onError = config.onError === undefined ? server.onError : own.onError;
    return this.#accept({ ...own, allowedHosts, onError }, handler);
  }

  /** Alias of {@link upgradeWith}. */
  upgrade_with(config: Config, handler: SessionHandler): WebSocketResponse {
    return this.upgradeWith(config, handler);
  }

  /**
   * The answer that refuses. Lazy.
   *
   * @param status 200–599 with a body; default 403
   * @param body plain text; default the status' own phrase
   * @throws {RangeError} for a status that can not refuse
   */
  reject(status = 403, body?: string, headers: Readonly<Record<string, string>> = {}): WebSocketResponse {
    if (!isRefusalStatus(status)) throw new RangeError(`${String(status)} is not the status of a refusal`);
    return new WebSocketResponse({
      status,
      headers: Object.entries(headers),
      ...(body === undefined ? {} : { body }),
    });
  }

  /**
   * Carries an answer out: writes it, and for an upgrade starts the handler.
   *
   * @returns when the answer is written; the handler runs on
   * @throws {StateError} (rejects) the second time
   * @throws {TypeError} (rejects) for a subprotocol that was not offered; the client gets a 500
   */
  async respond(response: WebSocketResponse): Promise<void> {
    if (this.#responded) throw new StateError('this request is answered already');
    this.#responded = true;
    const { session } = response;
    if (session === undefined) {
      refuse(this.#socket, { status: response.status, message: response.body, headers: response.headers });
      return;
    }
    try {
      this.#open(session.handler, session.config);
    } catch (error) {
      refuse(this.#socket, { status: 500 });
      throw error;
    }
  }

  /** Whether `respond` was called. */
  get responded(): boolean {
    return this.#responded;
  }

  #accept(config: ResolvedConfig, handler: SessionHandler): WebSocketResponse {
    if (typeof handler !== 'function') throw new TypeError('the session handler is not a function');
    return new WebSocketResponse({ status: 101, headers: config.headers, session: { handler, config } });
  }

  #open(handler: SessionHandler, config: ResolvedConfig): void {
    const socket = this.#socket;
    const refusal = checkPolicies(this.#opening, this.request, config, this.#secure);
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    const subprotocol = settleSubprotocol(this.request, config);
    const extension = settleExtension(this.request, config.extension);
    const extensions = extension === undefined ? [] : [extension.answer];
    checkExtraHeaders(config.headers, 'response');
    const head = formatOpeningResponse({
      accept: acceptValue(this.#opening.key, sha1Base64),
      subprotocol,
      extensions,
      headers: config.headers,
    });
    // The peer has gone, or was told meanwhile that it took too long.
    if (socket.destroyed || socket.writableEnded) return;
    const transport = new StreamTransport(socket, this.#head);
    socket.write(head, 'latin1');
    const { connection, start } = createConnection<OpeningFacts>({
      transport,
      role: roles.server,
      config,
      extension,
      subprotocol,
      extensions,
      request: this.request,
      onClosed: this.#extras.onClosed,
    });
    this.#extras.onOpen?.(connection);
    start();
    void runSession(connection, handler, config);
  }
}
