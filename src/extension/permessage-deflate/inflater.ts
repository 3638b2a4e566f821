/**
 * Decompresses a peer's messages, one call for each (RFC 7692 §7.2.2).
 *
 * The rule of this file: a message is either exactly what deflate defines, up to and including its last bit, or it is
 * `extensionData`; and no more than `limit` + 1 bytes of it are ever made.
 */
import { constants, inflateRawSync, type ZlibOptions } from 'node:zlib';
import type { LentBytes } from '../types.ts';
import type { ContextOwner, ContextPool, ContextSlot } from './contexts.ts';
import { type DirectContext, endMessage } from './direct.ts';
import { History } from './history.ts';
import type { Direction } from './negotiation.ts';
import { completed, isAll, judgeFailure, readOnce, tookTail, withoutTailOptions } from './once.ts';
import { inflateOrdinary, largestWindow } from './ordinary.ts';
import { plainView } from './views.ts';

/** The message; or the violation; or `later`: it takes too long to be done on the event loop. */
export type Inflated = Buffer | 'extensionData' | 'messageTooBig' | 'later';

/** Compressed bytes up to which a message is tried on the event loop. */
export const longestSyncInput = 64 * 1024;

/** Decompressed bytes that are made on the event loop at most; what is so much longer than its input is fast to make. */
export const longestSyncResult = 512 * 1024;

/** What zlib's one-shot calls take as a limit on every runtime; a larger one is cut to it. */
const longestResult = 2 ** 31 - 1;

/** Output space shared by all calls: they are synchronous, and copy what they made before they return. */
const output = Buffer.allocUnsafeSlow(64 * 1024);

/** A stored block's header and the longest window: see {@link Inflater.#prime}. */
const primer = Buffer.allocUnsafeSlow(5 + 32 * 1024);

/** One peer's direction; without context takeover it can serve any number of peers. */
export class Inflater implements ContextOwner<DirectContext> {
  slot: ContextSlot<DirectContext> | undefined;
  /** False when any number of connections can share this. */
  readonly contextTakeover: boolean;
  readonly #windowBits: number;
  readonly #history: History | undefined;
  readonly #fast: boolean;
  readonly #contexts: ContextPool<DirectContext> | undefined;

  /** @param contexts where live contexts come from; `undefined` uses the public API */
  constructor({ windowBits, contextTakeover }: Direction, contexts: ContextPool<DirectContext> | undefined) {
    this.contextTakeover = contextTakeover;
    this.#windowBits = windowBits;
    this.#history = contextTakeover ? new History(windowBits) : undefined;
    this.#fast = !contextTakeover || windowBits <= largestWindow;
    this.#contexts = contexts;
  }

  /** Bytes allocated for the peer's history. */
  get historySize(): number {
    return this.#history?.capacity ?? 0;
  }

  /**
   * Decompresses a message by zlib now, if it is short enough.
   *
   * @param length the payload's true length in bytes
   * @param limit bytes that the result may have
   */
  inflate(payload: Uint8Array, length: number, limit: number): Inflated {
    if (length > longestSyncInput) {
      return 'later';
    }
    if (this.#contexts === undefined) {
      return this.#inflateOnce(payload, limit);
    }
    const slot = this.#contexts.acquire(this, this.#windowBits);
    if (this.#history === undefined && !slot.fresh) {
      // An error cut a message off, which may have been another peer's.
      this.#forget(slot);
    }
    if (slot.fresh) {
      this.#prime(slot.context);
      slot.fresh = false;
    }
    const inflated = inflateInto(slot.context, payload, length, limit);
    if (inflated === 'extensionData' || inflated === 'messageTooBig') {
      this.#contexts.release(this);
      return inflated;
    }
    if (inflated === 'later') {
      this.#forget(slot);
      return inflated;
    }
    if (inflated === 'completed') {
      this.#forget(slot);
      return this.#inflateOnce(payload, limit);
    }
    if (this.#history === undefined || inflated.ended) {
      this.#forget(slot);
    }
    this.#history?.append(inflated.message);
    return inflated.message;
  }

  /**
   * Decompresses a message if it is an ordinary one.
   *
   * @param payload 1 byte or more
   * @param limit bytes that the result may have
   * @returns the message, good until the next call of this or another; or `undefined`, when nothing has happened
   */
  inflateNow(payload: Uint8Array, limit: number): LentBytes | undefined {
    const made = this.#fast ? inflateOrdinary(payload, this.#history, limit) : undefined;
    if (made !== undefined) {
      if (this.slot?.fresh === false) {
        this.#forget(this.slot);
      }
      this.#history?.append(made.bytes, made.start, made.end);
    }
    return made;
  }

  /** What the next message may refer to. */
  window(): Uint8Array {
    return this.#history?.toBytes() ?? new Uint8Array(0);
  }

  /**
   * What a one-shot call needs.
   *
   * @param window what the data may refer to; only as much of its end as was negotiated is used
   * @param limit bytes that the result may have
   */
  onceOptions(window: Uint8Array, limit: number): ZlibOptions {
    const options = {
      windowBits: this.#windowBits,
      chunkSize: output.length,
      info: true,
      maxOutputLength: Math.min(Math.max(1, limit), longestResult),
    };
    return window.length === 0
      ? options
      : { ...options, dictionary: window.subarray(-(2 ** this.#windowBits)) };
  }

  /** Takes over a message that was decompressed elsewhere. */
  remember(message: Uint8Array): void {
    if (this.slot?.fresh === false) {
      this.#forget(this.slot);
    }
    this.#history?.append(message);
  }

  /** The context is kept, but what it holds is not what the peer sent last. */
  #forget(slot: ContextSlot<DirectContext>): void {
    slot.context.reset();
    slot.fresh = true;
  }

  /** The public way: a context for this message only, with the history as its dictionary. */
  #inflateOnce(payload: Uint8Array, limit: number): Inflated {
    const allowed = Math.min(limit, longestSyncResult);
    try {
      const window = this.window();
      const options = this.onceOptions(window, allowed);
      const once = readOnce(inflateRawSync(completed(payload), options), payload);
      if (once === undefined) {
        return 'extensionData';
      }
      if (tookTail(once) && !isAll(inflateRawSync(plainView(payload), withoutTailOptions(options)), once)) {
        return 'extensionData';
      }
      if (once.message.length > allowed) {
        return allowed < limit ? 'later' : 'messageTooBig';
      }
      this.#history?.append(once.message);
      return once.message;
    } catch (error) {
      const violation = judgeFailure(error);
      return violation === 'messageTooBig' && allowed < limit ? 'later' : violation;
    }
  }

  /**
   * Gives a fresh context the peer's history: as a stored block, the form that deflate has for bytes as they are.
   * A copy of the window costs about a microsecond; a context with a dictionary would have to be made anew.
   */
  #prime(context: DirectContext): void {
    const length = this.#history?.length ?? 0;
    if (length === 0) {
      return;
    }
    primer[0] = 0;
    primer.writeUInt16LE(length, 1);
    primer.writeUInt16LE(length ^ 0xffff, 3);
    this.#history?.copyTo(primer, 5);
    context.run(constants.Z_SYNC_FLUSH, primer, 0, 5 + length, output, output.length);
  }
}

interface Finished {
  readonly message: Buffer;
  /** Whether the context reached a final block, after which it reads no more. */
  readonly ended: boolean;
}

const inflateInto = (
  context: DirectContext,
  payload: Uint8Array,
  length: number,
  limit: number,
): Finished | 'extensionData' | 'messageTooBig' | 'later' | 'completed' => {
  let parts: Buffer[] | undefined;
  let total = 0;
  for (let consumed = 0; ; ) {
    const room = Math.min(output.length, limit + 1 - total);
    if (!context.run(constants.Z_SYNC_FLUSH, payload, consumed, length, output, room)) {
      return 'extensionData';
    }
    const made = room - context.outputLeft;
    consumed = length - context.inputLeft;
    total += made;
    if (total > limit) {
      return 'messageTooBig';
    }
    if (context.outputLeft > 0) {
      const ended = endOf(context, payload, consumed, length);
      if (typeof ended === 'string') {
        return ended;
      }
      const last = copy(made);
      return { message: parts === undefined ? last : Buffer.concat([...parts, last], total), ended };
    }
    if (total >= longestSyncResult) {
      return 'later';
    }
    parts ??= [];
    parts.push(copy(made));
  }
};

const copy = (length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length);
  output.copy(bytes, 0, 0, length);
  return bytes;
};

/** Whether a message ended with a final block (true) or open (false), judged when zlib wants no more of it. */
const endOf = (
  context: DirectContext,
  payload: Uint8Array,
  consumed: number,
  length: number,
): boolean | 'extensionData' | 'completed' => {
  if (consumed < length) {
    // Only a final block makes zlib stop early. An empty block after it is how RFC 7692 §7.2.3.4 ends the message.
    return length - consumed === 1 && payload[consumed] === 0 ? true : 'extensionData';
  }
  const end = endMessage(context);
  switch (end) {
    case 'truncated':
      return 'extensionData';
    case 'completed':
      return end;
    default:
      return end === 'final';
  }
};
