/**
 * A request that asks for a WebSocket, and the answers it can get.
 *
 * One rule: a refusal is a response too. Only misuse throws: a wrong option, or a second answer.
 * RFC 6455 §4.2.2.
 */
import { StateError } from '../../connection/errors.ts';
import type { PeerHandler } from '../peer.ts';
import { type Config, type HandshakeConfig, resolve } from './config.ts';
import { acceptance, allowsOrigin, readRequest, type WorkersRequest } from './request.ts';
import type { ServedSocket, SocketPair, Stub, WaitUntil, WorkersSocket } from './runtime.ts';
import { serve } from './serve.ts';
import type { SessionMap, Storable } from './session-map.ts';

declare const WebSocketPair: new () => SocketPair;

/** What `fetch` of a Worker or of a Durable Object has beside the request. */
export interface Platform<Env> {
  readonly env: Env;
  /** Keeps the runtime from ending the handler early. */
  readonly ctx?: WaitUntil;
}

/** Options of a socket that hibernates. */
export interface SessionConfig extends HandshakeConfig {
  /** Groups of sockets, at most 10 of at most 256 characters. */
  readonly tags?: readonly string[];
  /** Is given the socket once it is accepted; what it sends there reaches the client after the 101. */
  readonly open?: (socket: WorkersSocket) => void;
}

/** The answer to a page that may not connect. */
export const foreign = (): Response => new Response('Origin not allowed.', { status: 403 });

export class WebSocketContext<Env = undefined> {
  readonly request: WorkersRequest;
  readonly env: Env;
  /** The name that `upgradeWith` was asked for by. */
  readonly upgrade_with = this.upgradeWith;
  /** The name that `upgradeDurable` was asked for by. */
  readonly upgrade_durable = this.upgradeDurable;
  /** The name that `upgradeDurableWith` was asked for by. */
  readonly upgrade_durable_with = this.upgradeDurableWith;
  readonly #original: Request;
  readonly #ctx: WaitUntil | undefined;
  #accepted = false;

  private constructor(original: Request, env: Env, ctx: WaitUntil | undefined) {
    this.request = readRequest(original);
    this.env = env;
    this.#original = original;
    this.#ctx = ctx;
  }

  /**
   * Reads a request as an opening handshake.
   *
   * @throws {HandshakeError} when it is none, or a bad one: 405, 426 or 400; its `response()` says so to the client
   */
  static from(request: Request, platform?: { readonly ctx?: WaitUntil }): WebSocketContext;
  static from<Env>(request: Request, platform: Platform<Env>): WebSocketContext<Env>;
  static from<Env>(
    request: Request,
    platform: Partial<Platform<Env>> = {},
  ): WebSocketContext<Env | undefined> {
    return new WebSocketContext(request, platform.env, platform.ctx);
  }

  /** Accepts, and serves the connection with `handler` for as long as this isolate lives. */
  upgrade(handler: PeerHandler): Response {
    return this.upgradeWith({}, handler);
  }

  /**
   * The same with options.
   *
   * @returns 101, or 403 when the origin may not connect
   * @throws {ConfigError} for a wrong option
   * @throws {TypeError} when `subprotocols` selects what was not offered, or `headers` cannot be sent
   * @throws {StateError} when this request was accepted before
   */
  upgradeWith(config: Config, handler: PeerHandler): Response {
    const settings = resolve(config);
    return this.#accept(settings, (socket, subprotocol) => {
      const served = serve(socket, subprotocol, settings, handler);
      this.#ctx?.waitUntil(served);
    });
  }

  /**
   * Inside a Durable Object: accepts for hibernation, and keeps `session` for the socket.
   *
   * @returns 101, or 403 when the origin may not connect
   * @throws {RangeError} when the session or its tags are too large, as `SessionMap.insert` does
   */
  upgradeSession<Session extends Storable>(
    sessions: SessionMap<Session>,
    session: Session,
    config: SessionConfig = {},
  ): Response {
    const { tags = [], open, ...handshake } = config;
    return this.#accept(resolve(handshake), (socket, subprotocol) => {
      sessions.insert(socket, session, { tags, subprotocol });
      open?.(socket);
    });
  }

  /**
   * Refuses.
   *
   * @throws {RangeError} for a status below 200 or above 599
   * @throws {TypeError} for one that has no body, or for headers that cannot be sent
   */
  reject(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Response {
    return new Response(body, { status, headers });
  }

  /**
   * Passes the original request on to a Durable Object (or to another Worker), which accepts or refuses it; its
   * response is returned whole.
   *
   * @param config the origin policy that holds here; the object has its own
   */
  upgradeDurable(stub: Stub, config: Pick<HandshakeConfig, 'origins'> = {}): Promise<Response> {
    return this.upgradeDurableWith(this.#original, stub, config);
  }

  /**
   * The same with a request of yours, such as one with another URL: `new Request(url, request)` keeps the headers, of
   * which the object needs `Upgrade: websocket`.
   */
  async upgradeDurableWith(
    request: Request,
    stub: Stub,
    config: Pick<HandshakeConfig, 'origins'> = {},
  ): Promise<Response> {
    return allowsOrigin(this.request, resolve(config).origins) ? stub.fetch(request) : foreign();
  }

  /** Opens a socket, has `use` take our end, and gives the client's to the runtime; or refuses. */
  #accept(
    settings: HandshakeConfig,
    use: (socket: WorkersSocket & ServedSocket, subprotocol: string | undefined) => void,
  ): Response {
    if (this.#accepted) throw new StateError('already accepted');
    if (!allowsOrigin(this.request, settings.origins)) return foreign();
    const { subprotocol, headers } = acceptance(this.request, settings);
    this.#accepted = true;
    const { 0: webSocket, 1: own } = new WebSocketPair();
    use(own, subprotocol);
    const init = { status: 101, headers, webSocket };
    return new Response(null, init);
  }
}
