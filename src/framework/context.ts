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
import type { ExtensionOffer } from '../extension/types.ts';
import {
  acceptValue,
  formatCommonResponse,
  formatOpeningResponse,
  isRefusalStatus,
  type KeptHead,
  keepHead,
  type OpeningRequest,
  type RequestHead,
} from '../handshake/index.ts';
import { StreamTransport } from '../transport/stream.ts';
import { type Config, type ResolvedConfig, resolveConfig } from './config.ts';
import {
  checkPolicies,
  guard,
  openingOf,
  refuse,
  settleExtension,
  settleSubprotocol,
  unguard,
} from './opening.ts';
import { AcceptedRequest, type OpeningFacts } from './request.ts';
import { type SessionHandler, WebSocketResponse } from './response.ts';
import { sha1Base64 } from './runtime.ts';
import { createConnection, roles, runSession, startReading } from './session.ts';

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

/** Whoever makes contexts: one for all requests of a server. */
export interface ContextOwner {
  readonly config: ResolvedConfig;
  readonly closed?: (connection: Connection<OpeningFacts>, closure: Closure) => void;
}

/** A request on a socket that nobody else reads. */
export interface Arrival {
  readonly head: RequestHead;
  /** The judgement of that head, if it was made together with it. */
  readonly opening?: OpeningRequest | undefined;
  readonly socket: Duplex;
  /** Bytes that were read behind the head. */
  readonly early: Uint8Array;
  /** Where the socket stands with a server of our own. */
  readonly place?: Place;
}

/** A socket's place among those in their opening handshake: its transport is open and is handed on. */
export interface Place {
  readonly transport: StreamTransport;
  opened(connection: Connection<OpeningFacts>): void;
}

/** Marks sockets that belong to a context: a socket has one opening handshake. */
const taken = Symbol('framewright.taken');

/** A socket as this file sees it; `encrypted` is TLSSocket's. */
interface ContextSocket extends Duplex {
  [taken]?: true;
  readonly encrypted?: boolean;
}

/** Whether a socket belongs to a context already. */
export const isTaken = (socket: ContextSocket): boolean => socket[taken] === true;

const noParams: Readonly<Record<string, string>> = Object.freeze({});
const noExtensions: readonly ExtensionOffer[] = Object.freeze([]);

export class WebSocketContext {
  /** Values of the path's `:params`, decoded; empty outside `listen` and `upgrade` with routes. */
  readonly params: Readonly<Record<string, string>>;
  readonly #arrival: Arrival;
  readonly #opening: OpeningRequest;
  readonly #request: AcceptedRequest;
  readonly #owner: ContextOwner | undefined;
  #responded = false;

  private constructor(
    arrival: Arrival,
    head: KeptHead,
    opening: OpeningRequest,
    owner: ContextOwner | undefined,
    params: Readonly<Record<string, string>>,
  ) {
    this.params = params;
    this.#arrival = arrival;
    this.#opening = opening;
    this.#request = new AcceptedRequest(head, opening, isSecure(arrival.socket));
    this.#owner = owner;
  }

  /** The request. */
  get request(): OpeningFacts {
    return this.#request;
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
  ): WebSocketContext {
    const context = WebSocketContext.of({ head: headOf(request), socket, early: head });
    guard(socket);
    socket.pause();
    return context;
  }

  /** Like {@link from}, for the framework: the socket is guarded and paused by the caller when the answer takes time. */
  static of(arrival: Arrival, owner?: ContextOwner, params = noParams): WebSocketContext {
    const socket: ContextSocket = arrival.socket;
    if (isTaken(socket)) throw new StateError('this socket is upgraded already');
    const head = keepHead(arrival.head);
    const opening = arrival.opening ?? openingOf(arrival.head, head);
    socket[taken] = true;
    return new WebSocketContext(arrival, head, opening, owner, params);
  }

  /** The answer that accepts, with the defaults (or the server's configuration) for everything. Lazy. */
  upgrade(handler: SessionHandler): WebSocketResponse {
    return this.#accept(this.#owner?.config ?? resolveConfig(), handler);
  }

  /**
   * The answer that accepts with a configuration of its own. Lazy. Whatever it does not name has its default, except
   * `allowedHosts` and `onError`, which are the server's.
   *
   * @throws {ConfigError}
   */
  upgradeWith(config: Config, handler: SessionHandler): WebSocketResponse {
    const own = resolveConfig(config);
    const server = this.#owner?.config;
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
    return new WebSocketResponse(status, Object.entries(headers), body);
  }

  /**
   * Carries an answer out: writes it, and for an upgrade starts the handler.
   *
   * @returns when the answer is written; the handler runs on
   * @throws {StateError} (rejects) the second time
   * @throws {TypeError} (rejects) for a subprotocol that was not offered; the client gets a 500
   */
  async respond(response: WebSocketResponse): Promise<void> {
    this.#carryOut(response);
  }

  /** Whether `respond` was called. */
  get responded(): boolean {
    return this.#responded;
  }

  /** {@link respond} without a promise, for the framework. */
  static answer(context: WebSocketContext, response: WebSocketResponse): void {
    context.#carryOut(response);
  }

  #carryOut(response: WebSocketResponse): void {
    if (this.#responded) throw new StateError('this request is answered already');
    this.#responded = true;
    const { handler, config } = response;
    if (handler === undefined || config === undefined) {
      refuse(this.#arrival.socket, {
        status: response.status,
        message: response.body,
        headers: response.headers,
      });
      return;
    }
    try {
      this.#open(handler, config);
    } catch (error) {
      refuse(this.#arrival.socket, { status: 500 });
      throw error;
    }
  }

  #accept(config: ResolvedConfig, handler: SessionHandler): WebSocketResponse {
    if (typeof handler !== 'function') throw new TypeError('the session handler is not a function');
    return new WebSocketResponse(101, config.headers, undefined, handler, config);
  }

  #open(handler: SessionHandler, config: ResolvedConfig): void {
    const { socket, early, place } = this.#arrival;
    const request = this.#request;
    const refusal = checkPolicies(this.#opening, request, config, isSecure(socket));
    if (refusal !== undefined) {
      refuse(socket, refusal);
      return;
    }
    const subprotocol = settleSubprotocol(request, config);
    const extension = settleExtension(request, config.extension);
    const extensions = extension === undefined ? noExtensions : [extension.answer];
    const accept = acceptValue(this.#opening.key, sha1Base64);
    const isCommon = subprotocol === undefined && extension === undefined && config.headers.length === 0;
    const head = isCommon
      ? formatCommonResponse(accept)
      : formatOpeningResponse({ accept, subprotocol, extensions, headers: config.headers });
    // The peer has gone, or was told meanwhile that it took too long.
    if (socket.destroyed || socket.writableEnded) {
      guard(socket);
      return;
    }
    const transport = place === undefined ? transportOf(socket) : place.transport;
    socket.write(head, 'latin1');
    const connection = createConnection<OpeningFacts>({
      transport,
      role: roles.server,
      config,
      extension,
      subprotocol,
      extensions,
      request,
      onClosed: this.#owner?.closed,
    });
    AcceptedRequest.letGo(request);
    place?.opened(connection);
    // A transport that was attached before does not resume by itself.
    if (place !== undefined && socket.isPaused()) socket.resume();
    transport.hold(early);
    startReading(connection);
    runSession(connection, handler, config);
  }
}

/** The transport of a socket that was only guarded so far. It hears of errors by itself. */
function transportOf(socket: Duplex): StreamTransport {
  const transport = new StreamTransport(socket);
  unguard(socket);
  return transport;
}

const isSecure = (socket: ContextSocket): boolean => socket.encrypted === true;

/** The head of a request that another server has read. Its fields are that server's, and may change. */
export const headOf = ({
  method = '',
  url = '',
  httpVersion = '1.1',
  rawHeaders,
}: IncomingRequest): RequestHead => ({
  method,
  target: url,
  httpVersion,
  rawHeaders,
});
