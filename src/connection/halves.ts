/**
 * The two halves of a connection: one takes messages, the other sends them. Both see the same closure.
 *
 * The rule of this file: nothing rejects without a reason the caller can name, and a rejection that the peer caused
 * (a `ClosedError`) is marked as handled, so that a message sent without `await` never takes the process down.
 */
import { encodeClosePayload } from '../frame/close.ts';
import { maxControlPayload } from '../frame/opcodes.ts';
import { ClosedError } from './errors.ts';
import type { Inbox, Taker } from './inbox.ts';
import type { Life } from './life.ts';
import { asBytes, asOutgoing, type Sendable } from './payload.ts';
import type { BinaryLike, Closure, Message } from './types.ts';

/** How to receive one message. */
export interface ReceiveOptions {
  /** Gives up waiting when aborted; the message that was waited for stays in the queue. */
  readonly signal?: AbortSignal;
}

/** How to send one message. */
export interface SendOptions {
  /** Asks the negotiated extension to compress this message, or not to. Default: the extension's own threshold. */
  readonly compress?: boolean;
}

/** Chunks of one message, sent as its fragments: all strings or all bytes. */
export type MessageChunks = AsyncIterable<string | Uint8Array>;

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
    if (options?.signal !== undefined) return this.#recvUntil(options.signal);
    const message = this.#life.inbox.take();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#life.inbox.wait({ give: resolve });
    });
  }

  /** The next message if one is queued: null at the end, undefined when none has come yet. */
  tryRecv(): Message | null | undefined {
    return this.#life.inbox.take();
  }

  /** How the connection ended; never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.closed;
  }

  /** Iterates over the messages until the end. Leaving the loop early leaves the connection open. */
  [Symbol.asyncIterator](): AsyncIterator<Message, undefined> {
    return new Messages(this.#life.inbox);
  }

  #recvUntil(signal: AbortSignal): Promise<Message | null> {
    if (signal.aborted) return Promise.reject(signal.reason);
    const message = this.#life.inbox.take();
    if (message !== undefined) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const taker: Taker = {
        give(next) {
          signal.removeEventListener('abort', abort);
          resolve(next);
        },
      };
      const abort = (): void => {
        this.#life.inbox.cancel(taker);
        reject(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#life.inbox.wait(taker);
    });
  }
}

/**
 * A hand-made iterator: an async generator would cost three times as much per message.
 *
 * It waits in the inbox itself: a closure would stay with every connection that waits in a loop.
 */
export class Messages implements AsyncIterator<Message, undefined>, Taker {
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
        this.#inbox.wait({ give: (next) => resolve(resultOf(next)) });
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
    if (typeof message === 'string') return this.#life.protocol.sender.send(message, options?.compress);
    if (isIterable(message)) return this.#life.protocol.sender.stream(message);
    try {
      return this.#life.protocol.sender.send(asOutgoing(message), options?.compress);
    } catch (error) {
      return Promise.reject(error);
    }
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
    return this.#life.protocol.sender.write(asOutgoing(message));
  }

  /** Writes what waits. Resolves when fewer than `writeBufferSize` bytes wait. */
  flush(): Promise<void> {
    return this.#life.protocol.sender.flushed();
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
    const { protocol, environment } = this.#life;
    try {
      const bytes =
        data === undefined
          ? undefined
          : typeof data === 'string'
            ? new TextEncoder().encode(data)
            : new Uint8Array(asBytes(data));
      if (bytes !== undefined && bytes.length > maxControlPayload) {
        throw new RangeError(`a ping carries at most ${maxControlPayload} bytes, not ${bytes.length}`);
      }
      if (protocol.closing) throw new ClosedError(protocol.closureSoFar());
      const { payload, answer } = protocol.pings.request(bytes, environment.runtime.preciseNow());
      protocol.sender.ping(payload);
      answer.catch(() => {});
      return answer;
    } catch (error) {
      const refused = Promise.reject(error);
      if (error instanceof ClosedError) refused.catch(() => {});
      return refused;
    }
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
  close(code = 1000, reason = ''): Promise<Closure> {
    try {
      this.#life.protocol.close(encodeClosePayload(code, reason), code, reason);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#life.closed;
  }

  /** Drops the connection at once, and what was neither taken nor written with it. */
  terminate(): void {
    this.#life.protocol.terminate();
  }

  /** Bytes that were accepted for sending and that the system has not taken yet. */
  get bufferedAmount(): number {
    return this.#life.protocol.sender.bufferedAmount;
  }

  /** How the connection ended; never rejects. */
  get closed(): Promise<Closure> {
    return this.#life.closed;
  }
}

const isIterable = (value: unknown): value is MessageChunks =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
