/**
 * A Durable Object to extend, for hibernating WebSockets.
 *
 * The rule of this file: it is a `DurableObject` of the runtime, so that what a subclass adds (methods for RPC, an
 * alarm, storage) works as in any other; all about sockets is left to a `DurableEndpoint`.
 */
import { DurableObject } from 'cloudflare:workers';
import type { Closure, Message } from '../peer.ts';
import type { WebSocketContext } from './context.ts';
import { type DurableConfig, DurableEndpoint, type DurableHandlers } from './durable-endpoint.ts';
import type { WorkersSocket } from './runtime.ts';
import type { SessionMap, Storable } from './session-map.ts';

/** `DurableObjectState`, as the project's types of the runtime have it. */
type State = ConstructorParameters<typeof DurableObject>[0];

/** Implement `accept` and `message`, and what else you need of `DurableHandlers`, which says what each is for. */
export abstract class DurableSockets<Session extends Storable, Env = unknown>
  extends DurableObject<Env>
  implements DurableHandlers<Session, Env>
{
  readonly #endpoint: DurableEndpoint<Session, Env>;

  /**
   * The runtime calls it with `ctx` and `env`; a subclass adds its options.
   *
   * @throws {ConfigError} for an unknown option or a bad value
   * @throws {Error} (the runtime's) for a heartbeat of more than 2048 bytes
   */
  constructor(ctx: State, env: Env, config?: DurableConfig) {
    super(ctx, env);
    this.#endpoint = new DurableEndpoint<Session, Env>(ctx, env, this, config);
  }

  /** The sockets and their sessions, restored when the object wakes. */
  get sessions(): SessionMap<Session> {
    return this.#endpoint.sessions;
  }

  abstract accept(context: WebSocketContext<Env>): Session | Response | Promise<Session | Response>;
  abstract message(socket: WorkersSocket, message: Message, session: Session): void | Promise<void>;
  open?(socket: WorkersSocket, session: Session): void | Promise<void>;
  close?(socket: WorkersSocket, closure: Closure, session: Session): void | Promise<void>;
  error?(error: unknown, socket: WorkersSocket): void;
  request?(request: Request): Response | Promise<Response>;
  tags?(session: Session): readonly string[];

  /** Upgrades, or passes other requests to `request`. */
  override fetch(request: Request): Promise<Response> {
    return this.#endpoint.fetch(request);
  }

  /** Called by the runtime. */
  override webSocketMessage(socket: WorkersSocket, data: string | ArrayBuffer): Promise<void> {
    return this.#endpoint.webSocketMessage(socket, data);
  }

  /** Called by the runtime. */
  override webSocketClose(
    socket: WorkersSocket,
    code: number,
    reason: string,
    wasClean: boolean,
  ): Promise<void> {
    return this.#endpoint.webSocketClose(socket, code, reason, wasClean);
  }

  /** Called by the runtime. */
  override webSocketError(socket: WorkersSocket, error: unknown): Promise<void> {
    return this.#endpoint.webSocketError(socket, error);
  }
}
