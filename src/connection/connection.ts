/**
 * `Connection`: what a session handler gets.
 *
 * The rule of this file: it only hands on to its halves and its life; after `split` it is spent.
 */
import type { ExtensionOffer } from '../extension/types.ts';
import { StateError } from './errors.ts';
import { type MessageChunks, ReadHalf, type ReceiveOptions, type SendOptions, WriteHalf } from './halves.ts';
import { Inbox } from './inbox.ts';
import { Life } from './life.ts';
import type { Sendable } from './payload.ts';
import type { ProtocolParts } from './protocol.ts';
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
  readonly #life: Life;
  readonly #facts: ConnectionFacts<Request>;
  #halves: readonly [ReadHalf, WriteHalf] | undefined;

  /** Made by the framework; `start` has to follow. */
  constructor(parts: Omit<ProtocolParts, 'inbox'>, facts: ConnectionFacts<Request>) {
    const inbox = new Inbox();
    this.#life = new Life({ ...parts, inbox });
    this.#facts = facts;
    this.#halves = [new ReadHalf(this.#life, inbox), new WriteHalf(this.#life)];
  }

  /** The subprotocol that was agreed on, or undefined. */
  get subprotocol(): string | undefined {
    return this.#facts.subprotocol;
  }

  /** The extensions that were agreed on, with their parameters. */
  get extensions(): readonly ExtensionOffer[] {
    return this.#facts.extensions;
  }

  /** The opening request. */
  get request(): Request {
    return this.#facts.request;
  }

  /** Where the connection is in its life. */
  get state(): State {
    return this.#life.protocol.state;
  }

  /** Round trip of the last answered ping in milliseconds; undefined before the first. */
  get latency(): number | undefined {
    return this.#life.protocol.pings.latency;
  }

  /** Aborted with a `ClosedError` when the connection is over. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** How the connection ended; resolves exactly once, never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.closed;
  }

  /** Bytes that were accepted for sending and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#life.protocol.sender.bufferedAmount;
  }

  /** See {@link ReadHalf.recv}. */
  recv(options?: ReceiveOptions): Promise<Message | null> {
    return this.#halves === undefined ? spent() : this.#halves[0].recv(options);
  }

  /** See {@link ReadHalf.tryRecv}. @throws {StateError} after `split` */
  tryRecv(): Message | null | undefined {
    return this.#whole()[0].tryRecv();
  }

  /** See {@link WriteHalf.send}. */
  send(message: Sendable | MessageChunks, options?: SendOptions): Promise<void> {
    return this.#halves === undefined ? spent() : this.#halves[1].send(message, options);
  }

  /** See {@link WriteHalf.write}. @throws {StateError} after `split` */
  write(message: Sendable): number {
    return this.#whole()[1].write(message);
  }

  /** See {@link WriteHalf.flush}. */
  flush(): Promise<void> {
    return this.#halves === undefined ? spent() : this.#halves[1].flush();
  }

  /** See {@link WriteHalf.ping}. */
  ping(data?: string | BinaryLike): Promise<number> {
    return this.#halves === undefined ? spent() : this.#halves[1].ping(data);
  }

  /** See {@link WriteHalf.close}. */
  close(code?: number, reason?: string): Promise<Closure> {
    return this.#halves === undefined ? spent() : this.#halves[1].close(code, reason);
  }

  /** See {@link WriteHalf.terminate}. @throws {StateError} after `split` */
  terminate(): void {
    this.#whole()[1].terminate();
  }

  /**
   * Takes the connection apart for two tasks that read and write at the same time. The halves share one state; this
   * handle is spent: it still tells `state`, `closed` and the like, but no longer reads or writes.
   *
   * @throws {StateError} the second time
   */
  split(): [ReadHalf, WriteHalf] {
    const [reader, writer] = this.#whole();
    this.#halves = undefined;
    return [reader, writer];
  }

  /**
   * The messages as a web stream that takes one when it is asked for one. It shares the messages with `recv`; cancelling
   * it closes with 1000. It fails with a `ClosedError` when the closure is not clean.
   *
   * @throws {StateError} after `split`
   */
  get readable(): ReadableStream<Message> {
    return readableOf(...this.#whole());
  }

  /**
   * A web stream to send messages with, ready as long as `send` is. Closing it closes with 1000, aborting it with 1011.
   * It fails with a `ClosedError` once the connection is over.
   *
   * @throws {StateError} after `split`
   */
  get writable(): WritableStream<Sendable> {
    return writableOf(this.#whole()[1]);
  }

  /** Iterates over the messages until the end. Leaving the loop early leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return this.#whole()[0][Symbol.asyncIterator]();
  }

  /** Closes with 1000 and waits for the closure. Works after `split` too. */
  async [Symbol.asyncDispose](): Promise<void> {
    await new WriteHalf(this.#life).close();
  }

  #whole(): readonly [ReadHalf, WriteHalf] {
    if (this.#halves === undefined) throw new StateError('the connection was split: use its halves');
    return this.#halves;
  }

  /** The core, for the framework: it opens, ends and times connections whatever their handlers did to the handle. */
  static lifeOf(connection: Connection): Life {
    return connection.#life;
  }
}

const spent = (): Promise<never> =>
  Promise.reject(new StateError('the connection was split: use its halves'));
