/**
 * Everything a Durable Object has to do for hibernating WebSockets, from a few functions.
 *
 * The rule of this file: per socket one closure, and messages one after the other in the order they came. The peer's
 * Close is answered here, since the runtime never answers it for a hibernating socket, whatever the compatibility
 * date; and it has its place in that order, so that what a handler still answers to earlier messages leaves before
 * our Close (RFC 6455 §5.5.1).
 */
import type { Closure, Message } from '../peer.ts';
import { answerClose, asError, bytesOf, closureOf, closureOfError } from './closing.ts';
import { defaults, type HandshakeConfig, resolve } from './config.ts';
import { foreign, type WebSocketContext } from './context.ts';
import { allowsOrigin } from './request.ts';
import { type AutoResponse, CLOSING, OPEN, type SocketHost, type WorkersSocket } from './runtime.ts';
import { SessionMap, type Storable } from './session-map.ts';
import { handshake } from './upgrade.ts';

declare const WebSocketRequestResponsePair: new (request: string, response: string) => AutoResponse;

/** What an object does with its sockets. */
export interface DurableHandlers<Session extends Storable, Env = unknown> {
  /** Decides about a handshake: the session of the new socket, or a refusal. */
  accept(context: WebSocketContext<Env>): Session | Response | Promise<Session | Response>;
  /** The socket is there and has its session. Its messages wait until this is done. */
  open?(socket: WorkersSocket, session: Session): void | Promise<void>;
  /** A message came. Throwing closes the socket with 1011. */
  message(socket: WorkersSocket, message: Message, session: Session): void | Promise<void>;
  /** The connection ended; the session is no longer in the map. Not called after `delete` or `remove`. */
  close?(socket: WorkersSocket, closure: Closure, session: Session): void | Promise<void>;
  /** A handler of this socket threw. Default: `console.error`. */
  error?(error: unknown, socket: WorkersSocket): void;
  /** Requests that do not ask for a WebSocket. Default: 426. */
  request?(request: Request): Response | Promise<Response>;
  /** Groups the new socket is in, at most 10 of at most 256 characters. Default: none. */
  tags?(session: Session): readonly string[];
}

/** Options of an object's endpoint. */
export interface DurableConfig extends HandshakeConfig {
  /**
   * A text that the runtime answers by itself, without waking the object: the heartbeat of clients that cannot send
   * pings. At most 2048 bytes each. Default: none.
   */
  readonly heartbeat?: AutoResponse;
}

/** What an object holds and calls, from its own methods of the same names. */
export class DurableEndpoint<Session extends Storable, Env = unknown> {
  /** The sockets and their sessions, restored when the object wakes. */
  readonly sessions: SessionMap<Session>;
  readonly #host: SocketHost;
  readonly #env: Env;
  readonly #handlers: DurableHandlers<Session, Env>;
  readonly #handshake: HandshakeConfig;
  /** Per socket the end of what was begun; only while something is. */
  readonly #tails = new Map<WorkersSocket, Promise<void>>();

  /**
   * For the constructor of a Durable Object.
   *
   * @throws {ConfigError} for an unknown option or a bad value
   * @throws {Error} (the runtime's) for a heartbeat of more than 2048 bytes
   */
  constructor(
    host: SocketHost,
    env: Env,
    handlers: DurableHandlers<Session, Env>,
    { heartbeat, ...handshake }: DurableConfig = {},
  ) {
    resolve(handshake);
    this.sessions = SessionMap.restore(host);
    this.#host = host;
    this.#env = env;
    this.#handlers = handlers;
    this.#handshake = handshake;
    if (heartbeat) {
      const { request, response } = heartbeat;
      host.setWebSocketAutoResponse(new WebSocketRequestResponsePair(request, response));
    }
  }

  /** Upgrades, or passes other requests to `request`. */
  async fetch(request: Request): Promise<Response> {
    if (this.#handlers.request && !request.headers.has('upgrade')) return this.#handlers.request(request);
    return handshake<Env>((context) => this.#upgrade(context))(request, this.#env, this.#host);
  }

  async webSocketMessage(socket: WorkersSocket, data: string | ArrayBuffer): Promise<void> {
    await this.#inOrder(socket, (session) => this.#handlers.message(socket, bytesOf(data), session));
  }

  async webSocketClose(
    socket: WorkersSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    const closure = closureOf({ code, reason, wasClean });
    const byUs = socket.readyState !== CLOSING;
    await this.#earlier(socket);
    if (socket.readyState === CLOSING) answerClose(socket, code, reason);
    await this.#ended(socket, byUs && wasClean ? { ...closure, by: 'us' } : closure);
  }

  async webSocketError(socket: WorkersSocket, error: unknown): Promise<void> {
    await this.#ended(socket, closureOfError(asError(error)));
  }

  async #upgrade(context: WebSocketContext<Env>): Promise<Response> {
    // Before any of the object's own code runs for a page that may not connect.
    if (!allowsOrigin(context.request, this.#handshake.origins)) return foreign();
    const decision = await this.#handlers.accept(context);
    if (decision instanceof Response) return decision;
    // Without a session its messages would be nobody's; in JavaScript a `return` is soon forgotten.
    if (decision === undefined || decision === null) throw new TypeError('accept returned no session');
    let opened: Promise<void> | undefined;
    const response = context.upgradeSession(this.sessions, decision, {
      ...this.#handshake,
      tags: this.#handlers.tags?.(decision) ?? [],
      open: (socket) => {
        opened = this.#inOrder(socket, (session) => this.#handlers.open?.(socket, session));
      },
    });
    await opened;
    return response;
  }

  /** The first end of a socket counts: after an error the runtime may report a close as well. */
  #ended(socket: WorkersSocket, closure: Closure): Promise<void> {
    return this.#inOrder(socket, (session) => {
      this.sessions.delete(socket);
      return this.#handlers.close?.(socket, closure, session);
    });
  }

  /** What was begun for the socket, done or failed. */
  #earlier(socket: WorkersSocket): Promise<void> | undefined {
    return this.#tails.get(socket)?.catch(() => {});
  }

  /** Runs `task` after the socket's earlier ones, if it still has a session; what it throws closes the socket. */
  #inOrder(socket: WorkersSocket, task: (session: Session) => void | Promise<void>): Promise<void> {
    const earlier = this.#earlier(socket);
    const run = async (): Promise<void> => {
      await earlier;
      try {
        const session = this.sessions.get(socket);
        if (session !== undefined) await task(session);
      } catch (thrown) {
        if (socket.readyState === OPEN) socket.close(1011, 'internal error');
        (this.#handlers.error ?? defaults.onError).call(this.#handlers, thrown, socket);
      } finally {
        if (this.#tails.get(socket) === tail) this.#tails.delete(socket);
      }
    };
    const tail = run();
    this.#tails.set(socket, tail);
    return tail;
  }
}
