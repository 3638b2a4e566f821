/**
 * What a session handler gets on every platform.
 *
 * The rule of this file: only what each platform with a live socket can do stands here. A `Connection` of the Node
 * side is a `Peer` too, and adds what needs our own wire (ping, write, flush, terminate); where a platform cannot do
 * something, its type does not have it.
 */
import type { State } from '../connection/state.ts';
import type { Closure, Message } from '../connection/types.ts';

export type { Closure, Message, State };

/** The receiving half of a peer. */
export interface ReadHalf {
  /** The next message; null when there will be none. Never rejects because of the peer. */
  recv(): Promise<Message | null>;
  /** The next message without waiting; undefined when nothing is queued yet, null when there will be none. */
  tryRecv(): Message | null | undefined;
  /** The messages up to the end. Leaving the loop early leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined, void>;
}

/** The sending half of a peer. */
export interface WriteHalf {
  /**
   * Sends a text or a binary message, in the order of the calls. Resolves when the message is accepted below the
   * high-water mark, so that awaiting it is backpressure.
   *
   * @throws {ClosedError} (rejects) when the connection is closing or closed
   */
  send(message: Message): Promise<void>;
  /**
   * Starts the closing handshake (RFC 6455 §7.1.2), once; later calls change nothing. Resolves with how it ended.
   *
   * @param code default 1000
   * @param reason at most 123 bytes of UTF-8
   * @throws {RangeError} (rejects) for a code that may not be sent or a reason that is too long
   */
  close(code?: number, reason?: string): Promise<Closure>;
}

/** One end of an open WebSocket. */
export interface Peer extends ReadHalf, WriteHalf {
  /** Halves for concurrent tasks over one shared state. The whole handle cannot receive, send or close afterwards. */
  split(): [ReadHalf, WriteHalf];
  /** Resolves once, however the connection ends; never rejects. */
  readonly closed: Promise<Closure>;
  readonly state: State;
  /** The chosen subprotocol; undefined when there is none. */
  readonly subprotocol: string | undefined;
  /** Aborted with a `ClosedError` when the connection has ended. */
  readonly signal: AbortSignal;
}

/** Serves one connection. Returning closes it with 1000, throwing with 1011. */
export type PeerHandler = (peer: Peer) => void | Promise<void>;
