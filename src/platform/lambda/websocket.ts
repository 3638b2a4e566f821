/**
 * `LambdaWebSocket`: what a handler gets for one event of one connection behind API Gateway.
 *
 * The rule of this file: it lives for one invocation. There is no `recv` and no `closed`, since the next message is
 * the next invocation, of perhaps another process.
 */

import { ClosedError, type Closure, StateError } from './errors.ts';
import type { DisconnectEvent, LambdaEvent } from './event.ts';
import type { LambdaContext } from './gateway.ts';
import { createHandler, type LambdaHandler } from './handle.ts';
import type { LambdaHandlerFunction, LambdaHandlers } from './handlers.ts';
import type { ConnectionInfo } from './management-api.ts';
import type { LambdaOptions } from './options.ts';
import type { LambdaPeer } from './peer.ts';
import { type InvocationPeers, type LambdaPeers, openPeers } from './peers.ts';

/** One connection during one event. */
export class LambdaWebSocket<Event extends LambdaEvent = LambdaEvent> {
  /** What happened: CONNECT, MESSAGE or DISCONNECT, told apart by `type`. */
  readonly event: Event;
  /** The context of the invocation. */
  readonly context: LambdaContext;
  readonly connectionId: string;
  readonly #peers: InvocationPeers;
  readonly #peer: LambdaPeer;

  /** Made by `handle` for every invocation. */
  constructor(event: Event, context: LambdaContext, peers: InvocationPeers) {
    const { connectionId } = event.raw.requestContext;
    const refusal = refusalDuring(event);
    this.event = event;
    this.context = context;
    this.connectionId = connectionId;
    this.#peers = peers;
    this.#peer = refusal === undefined ? peers.to(connectionId) : peers.refuse(connectionId, refusal);
  }

  /**
   * The function that Lambda calls, made from your handlers.
   *
   * Returning from a message handler leaves the connection open. Throwing goes to `onError`, else to Lambda; in a
   * connect handler it also refuses the client. A `ClosedError` of the event's own connection is no error: the peer
   * left while it was being served.
   *
   * @throws ConfigError for an unknown handler or option, and for a bad value
   */
  static handle(
    handlers: LambdaHandlerFunction | LambdaHandlers,
    options: LambdaOptions = {},
  ): LambdaHandler {
    return createHandler(
      handlers,
      options,
      (event, context, peers) => new LambdaWebSocket(event, context, peers),
    );
  }

  /**
   * The connections of an API, for a function that something else than the API starts.
   *
   * Call this once, outside of your handler, and the function it returns once per invocation. Await every `send`, or
   * `settle()` at the end.
   *
   * @throws ConfigError when `endpoint` is missing, and for an unknown option or a bad value
   */
  static peers(options: LambdaOptions & { readonly endpoint: string }): () => LambdaPeers {
    return openPeers(options);
  }

  /** How the connection ended, once that is known; set from the start on DISCONNECT. */
  get closure(): Closure | undefined {
    return this.#peer.closure;
  }

  /**
   * Sends one message; resolves when API Gateway has accepted it, which is not yet the peer.
   *
   * @throws LimitError over 128 KiB of UTF-8 (`maxMessageSize`), before anything is sent
   * @throws UnsupportedError for bytes, unless the option `binary` is `'base64'`
   * @throws StateError on CONNECT, when the connection does not exist yet
   * @throws ClosedError when the connection is gone
   * @throws ManagementApiError when API Gateway does not take the message
   */
  send(message: string | Uint8Array): Promise<void> {
    return this.#peer.send(message);
  }

  /**
   * Closes the connection, with code 1000: API Gateway takes neither code nor reason. Resolves with how it ended.
   *
   * @throws StateError on CONNECT; return `event.reject()` there
   * @throws ManagementApiError when API Gateway does not take the call
   */
  close(): Promise<Closure> {
    return this.#peer.close();
  }

  /**
   * What API Gateway knows about the connection: since when it is open, and when it was last active.
   *
   * @throws StateError on CONNECT
   * @throws ClosedError when the connection is gone
   * @throws ManagementApiError when API Gateway does not take the call
   */
  info(): Promise<ConnectionInfo> {
    return this.#peer.info();
  }

  /** Another connection of the same API and stage, by its id. */
  to(connectionId: string): LambdaPeer {
    return this.#peers.to(connectionId);
  }
}

function refusalDuring(event: LambdaEvent): Error | undefined {
  if (event.type === 'DISCONNECT') return new ClosedError(closureOf(event));
  if (event.type === 'MESSAGE') return undefined;
  return new StateError(
    'the connection opens only when the answer to $connect has reached API Gateway, which answers 410 until then: ' +
      'send from the first message on, or from another function',
  );
}

/** API Gateway does not tell who began the closing handshake, so all that is not a lost connection is the peer's. */
function closureOf({ code, reason }: DisconnectEvent): Closure {
  const lost = code === 1006;
  return { code, reason, clean: !lost, by: lost ? 'transport' : 'peer' };
}
