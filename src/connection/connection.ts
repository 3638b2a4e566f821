/**
 * `Connection`: what a session handler gets.
 *
 * The rule of this file: it only hands on to the calls and its life; after `split` it is spent.
 */
import type { ExtensionOffer, ExtensionSession } from '../extension/types.ts';
import {
  close,
  type MessageChunks,
  ping,
  type ReceiveOptions,
  receive,
  type SendOptions,
  send,
  write,
} from './calls.ts';
import type { Environment } from './environment.ts';
import { StateError } from './errors.ts';
import { Messages, ReadHalf, WriteHalf } from './halves.ts';
import { Life } from './life.ts';
import type { Sendable } from './payload.ts';
import type { ByteTransport } from './port.ts';
import type { State } from './state.ts';
import { readableOf, writableOf } from './streams.ts';
import type { BinaryLike, Closure, Message } from './types.ts';

/** What the opening handshake settled. `Request` is whatever describes the request on this side. */
export interface ConnectionFacts<Request> {
  readonly subprotocol: string | undefined;
  readonly extensions: readonly ExtensionOffer[];
  readonly request: Request;
}

/** One open WebSocket, on either side. */
export class Connection<Request = unknown> implements AsyncIterable<Message> {
  readonly #life: Life<Request>;
  readonly #subprotocol: string | undefined;
  readonly #extensions: readonly ExtensionOffer[];
  readonly #request: Request;
  #isSplit = false;

  /** Made by the framework; `start` has to follow. */
  constructor(
    transport: ByteTransport,
    environment: Environment<Request>,
    facts: ConnectionFacts<Request>,
    session?: ExtensionSession,
  ) {
    // Not the object itself: it would stay with every connection.
    this.#subprotocol = facts.subprotocol;
    this.#extensions = facts.extensions;
    this.#request = facts.request;
    this.#life = new Life<Request>(this, environment, transport, session);
  }

  /** The subprotocol that was agreed on, or undefined. */
  get subprotocol(): string | undefined {
    return this.#subprotocol;
  }

  /** The extensions that were agreed on, with their parameters. */
  get extensions(): readonly ExtensionOffer[] {
    return this.#extensions;
  }

  /** The opening request. */
  get request(): Request {
    return this.#request;
  }

  /** Where the connection is in its life. */
  get state(): State {
    return this.#life.state;
  }

  /** Round trip of the last answered ping in milliseconds; undefined before the first. */
  get latency(): number | undefined {
    return this.#life.latency;
  }

  /** Aborted with a `ClosedError` when the connection is over. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** How the connection ended; resolves exactly once, never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.untilClosed;
  }

  /** Bytes that were accepted for sending and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#life.sender.bufferedAmount;
  }

  /** See {@link ReadHalf.recv}. */
  recv(options?: ReceiveOptions): Promise<Message | null> {
    return this.#isSplit ? spent() : receive(this.#life.inbox, options);
  }

  /** See {@link ReadHalf.tryRecv}. @throws {StateError} after `split` */
  tryRecv(): Message | null | undefined {
    return Connection.#whole(this).inbox.take();
  }

  /** See {@link WriteHalf.send}. */
  send(message: Sendable | MessageChunks, options?: SendOptions): Promise<void> {
    return this.#isSplit ? spent() : send(this.#life, message, options);
  }

  /** See {@link WriteHalf.write}. @throws {StateError} after `split` */
  write(message: Sendable): number {
    return write(Connection.#whole(this), message);
  }

  /** See {@link WriteHalf.flush}. */
  flush(): Promise<void> {
    return this.#isSplit ? spent() : this.#life.sender.flushed();
  }

  /** See {@link WriteHalf.ping}. */
  ping(data?: string | BinaryLike): Promise<number> {
    return this.#isSplit ? spent() : ping(this.#life, data);
  }

  /** See {@link WriteHalf.close}. */
  close(code?: number, reason?: string): Promise<Closure> {
    return this.#isSplit ? spent() : close(this.#life, code, reason);
  }

  /** See {@link WriteHalf.terminate}. @throws {StateError} after `split` */
  terminate(): void {
    Connection.#whole(this).terminate();
  }

  /**
   * Takes the connection apart for two tasks that read and write at the same time. The halves share one state; this
   * handle is spent: it still tells `state`, `closed` and the like, but no longer reads or writes.
   *
   * @throws {StateError} the second time
   */
  split(): [ReadHalf, WriteHalf] {
    const life = Connection.#whole(this);
    this.#isSplit = true;
    return [new ReadHalf(life), new WriteHalf(life)];
  }

  /**
   * The messages as a web stream that takes one when it is asked for one. It shares the messages with `recv`; cancelling
   * it closes with 1000. It fails with a `ClosedError` when the closure is not clean.
   *
   * @throws {StateError} after `split`
   */
  get readable(): ReadableStream<Message> {
    return readableOf(Connection.#whole(this));
  }

  /**
   * A web stream to send messages with, ready as long as `send` is. Closing it closes with 1000, aborting it with 1011.
   * It fails with a `ClosedError` once the connection is over.
   *
   * @throws {StateError} after `split`
   */
  get writable(): WritableStream<Sendable> {
    return writableOf(Connection.#whole(this));
  }

  /** Iterates over the messages until the end. Leaving the loop early leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return new Messages(Connection.#whole(this).inbox);
  }

  /** Closes with 1000 and waits for the closure. Works after `split` too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#life);
  }

  /** The life of a handle that was not split. No method of each one: private methods take memory in every object. */
  static #whole<Request>(connection: Connection<Request>): Life<Request> {
    if (connection.#isSplit) throw new StateError('the connection was split: use its halves');
    return connection.#life;
  }

  /** The core, for the framework: it opens, ends and times connections whatever their handlers did to the handle. */
  static lifeOf<Request>(connection: Connection<Request>): Life<Request> {
    return connection.#life;
  }
}

const spent = (): Promise<never> =>
  Promise.reject(new StateError('the connection was split: use its halves'));
