/**
 * The two halves of a connection: one takes messages, the other sends them. Both see the same closure.
 *
 * The rule of this file: a half only hands on to the calls; it is made when a connection is split.
 */
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
import type { Inbox } from './inbox.ts';
import type { Life } from './life.ts';
import type { Sendable } from './payload.ts';
import type { BinaryLike, Closure, Message } from './types.ts';

/** The receiving half. */
export class ReadHalf implements AsyncIterable<Message> {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /**
   * The next message; null when the connection has ended and everything that came was taken. Calls that wait at the
   * same time are served in order.
   *
   * @throws the signal's reason (rejects) when `options.signal` is aborted first
   */
  recv(options?: ReceiveOptions): Promise<Message | null> {
    return receive(this.#life.inbox, options);
  }

  /** The next message if one is queued: null at the end, undefined when none has come yet. */
  tryRecv(): Message | null | undefined {
    return this.#life.inbox.take();
  }

  /** How the connection ended; never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.untilClosed;
  }

  /** Iterates over the messages until the end. Leaving the loop early leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return new Messages(this.#life.inbox);
  }
}

/**
 * A hand-made iterator: an async generator would cost three times as much per message.
 *
 * It waits in the inbox itself: a closure would stay with every connection that waits in a loop.
 */
export class Messages implements AsyncIterator<Message, undefined> {
  readonly #inbox: Inbox;
  #resolve: ((result: IteratorResult<Message, undefined>) => void) | undefined;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    const message = this.#inbox.take();
    if (message !== undefined) return Promise.resolve(resultOf(message));
    return new Promise((resolve) => {
      if (this.#resolve === undefined) {
        this.#resolve = resolve;
        this.#inbox.wait(this);
      } else {
        // Somebody asks again before the last answer has come, which a loop never does.
        this.#inbox.wait((next) => resolve(resultOf(next)));
      }
    });
  }

  give(message: Message | null): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(resultOf(message));
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    return Promise.resolve({ done: true, value: undefined });
  }
}

const resultOf = (message: Message | null): IteratorResult<Message, undefined> =>
  message === null ? { done: true, value: undefined } : { done: false, value: message };

/** The sending half. */
export class WriteHalf {
  readonly #life: Life;

  constructor(life: Life) {
    this.#life = life;
  }

  /**
   * Sends one message. Resolves when it is accepted and fewer than `writeBufferSize` bytes wait, so awaiting it is
   * backpressure; order is the order of calls, awaited or not. A string is sent as text (lone surrogates become
   * U+FFFD), bytes as binary, an async iterable as one message in fragments.
   *
   * Bytes of 16 KiB and more are written from where they lie: do not change them before `bufferedAmount` is 0.
   *
   * @throws {TypeError} (rejects) for a value that is no message
   * @throws {ClosedError} (rejects) when the connection is closing or closed
   * @throws {LimitError} (rejects) over `maxWriteBufferSize`, when `overflow` is not `'wait'`
   */
  send(message: Sendable | MessageChunks, options?: SendOptions): Promise<void> {
    return send(this.#life, message, options);
  }

  /**
   * Adds a message to the next write without asking for one: it leaves with the next `flush`, `send`, `ping` or
   * `close`, or when `writeBufferSize` bytes have come together. Never compressed.
   *
   * @returns the bytes of its frame (of its payload, when it has to wait behind a streamed message)
   * @throws {TypeError} for a value that is no message
   * @throws {ClosedError} when the connection is closing or closed
   * @throws {LimitError} when more than `maxWriteBufferSize` bytes would wait
   */
  write(message: Sendable): number {
    return write(this.#life, message);
  }

  /** Writes what waits. Resolves when fewer than `writeBufferSize` bytes wait. */
  flush(): Promise<void> {
    return this.#life.sender.flushed();
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2) and resolves with the round trip in milliseconds.
   *
   * @param data up to 125 bytes, as bytes or a string; default: a counter
   * @throws {RangeError} (rejects) for more than 125 bytes
   * @throws {TypeError} (rejects) for a value that is neither
   * @throws {ClosedError} (rejects) when the connection ends first
   */
  ping(data?: string | BinaryLike): Promise<number> {
    return ping(this.#life, data);
  }

  /**
   * Closes: a Close frame behind everything that was sent, then the peer's, then the end of the transport. On a
   * connection that is closing already it only waits.
   *
   * @param code 1000 (the default), 1001–1003, 1007–1014 or 3000–4999
   * @param reason at most 123 bytes of UTF-8
   * @returns the closure; `closeTimeout` bounds the waiting
   * @throws {RangeError} (rejects) for a code that may not be sent or a reason that is too long; nothing is sent
   * @throws {TypeError} (rejects) for a reason that is no well-formed string
   */
  close(code?: number, reason?: string): Promise<Closure> {
    return close(this.#life, code, reason);
  }

  /** Drops the connection at once, and what was neither taken nor written with it. */
  terminate(): void {
    this.#life.terminate();
  }

  /** Bytes that were accepted for sending and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#life.sender.bufferedAmount;
  }

  /** How the connection ended; never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.untilClosed;
  }
}
