/**
 * What an application asks of a connection: the calls behind `Connection` and both of its halves.
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

/** See `ReadHalf.recv`. */
export function receive(inbox: Inbox, options?: ReceiveOptions): Promise<Message | null> {
  if (options?.signal !== undefined) return receiveUntil(inbox, options.signal);
  const message = inbox.take();
  if (message !== undefined) return Promise.resolve(message);
  return new Promise((resolve) => {
    inbox.wait(resolve);
  });
}

function receiveUntil(inbox: Inbox, signal: AbortSignal): Promise<Message | null> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const message = inbox.take();
  if (message !== undefined) return Promise.resolve(message);
  return new Promise((resolve, reject) => {
    const taker: Taker = (next) => {
      signal.removeEventListener('abort', abort);
      resolve(next);
    };
    const abort = (): void => {
      inbox.cancel(taker);
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    inbox.wait(taker);
  });
}

/** See `WriteHalf.send`. */
export function send(
  { sender }: Life,
  message: Sendable | MessageChunks,
  options?: SendOptions,
): Promise<void> {
  if (typeof message === 'string') return sender.send(message, options?.compress);
  if (isIterable(message)) return sender.stream(message);
  try {
    return sender.send(asOutgoing(message), options?.compress);
  } catch (error) {
    return Promise.reject(error);
  }
}

/** See `WriteHalf.write`. */
export const write = ({ sender }: Life, message: Sendable): number => sender.write(asOutgoing(message));

/** See `WriteHalf.ping`. */
export function ping(life: Life, data?: string | BinaryLike): Promise<number> {
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
    if (life.closing) throw new ClosedError(life.closureSoFar());
    const { payload, answer } = life.pings.request(bytes, life.environment.runtime.preciseNow());
    life.sender.ping(payload);
    answer.catch(() => {});
    return answer;
  } catch (error) {
    const refused = Promise.reject(error);
    if (error instanceof ClosedError) refused.catch(() => {});
    return refused;
  }
}

/** See `WriteHalf.close`. */
export function close(life: Life, code = 1000, reason = ''): Promise<Closure> {
  try {
    life.close(encodeClosePayload(code, reason), code, reason);
  } catch (error) {
    return Promise.reject(error);
  }
  return life.untilClosed;
}

const isIterable = (value: unknown): value is MessageChunks =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
