/**
 * Compresses own messages, one call for each (RFC 7692 §7.2.1).
 *
 * The rule of this file: what is lost is only ratio. A fresh context is legal at any message, since it refers to
 * nothing; so a context may be taken away, and a message compressed elsewhere, without the peer noticing.
 */
import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';
import type { ContextOwner, ContextPool } from './contexts.ts';
import type { DirectContext } from './direct.ts';
import { History } from './history.ts';
import type { Direction } from './negotiation.ts';
import type { DeflateSettings } from './options.ts';
import { longestShort, type ShortCompressor } from './short-messages.ts';
import { plainView } from './views.ts';

/** The empty stored block's last four bytes, which end every flush and are not sent. */
const tailLength = 4;

/** Output space shared by all calls: they are synchronous, and copy what they made before they return. */
const output = Buffer.allocUnsafeSlow(66 * 1024);

/** Bytes up to which a message is compressed on the event loop: about half a millisecond of JSON at any level. */
const longestSyncMessage = (level: number): number => {
  if (level <= 3) {
    return 64 * 1024;
  }
  return level <= 6 ? 32 * 1024 : 16 * 1024;
};

/** Levels at which short messages are compressed without zlib. */
const isFast = (level: number): boolean => level >= 1 && level <= 3;

/** Bytes of a usual message below and above which a connection's messages count as short, and as not. */
const usuallyShort = 256;
const usuallyLonger = 384;
/** The weight of one message in what is usual, as a power of 2: an eighth. */
const usualShift = 3;

/**
 * Bytes of what was sent before that a common context is given with a message, as a power of 2, and the longest message
 * that gains by them. Most of what a message has in common with others is in the last one.
 */
const primerBits = 9;
const longestPrimed = 8192;
const primer = new Uint8Array(2 ** primerBits);

/** Where a deflater finds what it compresses with. */
export interface DeflateContexts {
  readonly short: ContextPool<ShortCompressor>;
  /** Live zlib contexts; `undefined` uses the public API. */
  readonly zlib: ContextPool<DirectContext> | undefined;
  /** Holds the zlib context that all connections use in turn. */
  readonly common: ContextOwner<DirectContext>;
}

/** Own direction of one connection; without context takeover it can serve any number of connections. */
export class Deflater {
  readonly short: ContextOwner<ShortCompressor> = { slot: undefined };
  readonly zlib: ContextOwner<DirectContext> = { slot: undefined };
  /** False when any number of connections can share this. */
  readonly contextTakeover: boolean;
  readonly #windowBits: number;
  readonly #settings: DeflateSettings;
  readonly #contexts: DeflateContexts;
  readonly #longestSync: number;
  readonly #fast: boolean;
  /** Bytes that a message usually has; negative before the first one. */
  #usual = -1;
  #usesShort = true;
  /** The end of what the peer has seen, as far as the common zlib context is to know it. */
  #recent: History | undefined;

  constructor(
    { windowBits, contextTakeover }: Direction,
    settings: DeflateSettings,
    contexts: DeflateContexts,
  ) {
    this.contextTakeover = contextTakeover;
    this.#windowBits = windowBits;
    this.#settings = settings;
    this.#contexts = contexts;
    this.#longestSync = longestSyncMessage(settings.level);
    this.#fast = isFast(settings.level);
  }

  /**
   * Compresses a message now, if it is short enough; otherwise `undefined`.
   *
   * @param length the payload's true length in bytes, not 0
   */
  deflate(payload: Uint8Array, length: number): Buffer | undefined {
    if (this.#fast && this.#isShort(length)) {
      return this.#deflateShort(payload, length);
    }
    if (length > this.#longestSync) {
      return undefined;
    }
    // The other one misses this message, so what it has may no longer be referred to.
    this.short.slot?.context.reset();
    if (this.#contexts.zlib === undefined) {
      return withoutTail(deflateRawSync(plainView(payload), this.onceOptions()));
    }
    return this.#fast
      ? this.#deflateInCommon(this.#contexts.zlib, payload, length)
      : this.#deflateInOwn(this.#contexts.zlib, payload, length);
  }

  #deflateInOwn(zlib: ContextPool<DirectContext>, payload: Uint8Array, length: number): Buffer {
    const { context } = zlib.acquire(this.zlib, this.#windowBits);
    return deflateFrom(context, payload, length, this.contextTakeover);
  }

  #deflateInCommon(zlib: ContextPool<DirectContext>, payload: Uint8Array, length: number): Buffer {
    const { context } = zlib.acquire(this.#contexts.common, this.#windowBits);
    if (this.#recent !== undefined && length <= longestPrimed) {
      prime(context, this.#recent);
    }
    const compressed = deflateFrom(context, payload, length, false);
    if (this.contextTakeover) {
      this.#remember(plainView(payload));
    }
    return compressed;
  }

  /** Keeps the last bytes of what the peer has seen. */
  #remember(message: Uint8Array): void {
    const recent = this.#recent ?? new History(primerBits);
    this.#recent = recent;
    recent.append(message);
  }

  /**
   * Whether a message is one for the compressor of short ones. With context takeover, that goes by what is usual
   * rather than by one message, since either compressor starts afresh when the other one was used.
   */
  #isShort(length: number): boolean {
    if (!this.contextTakeover) {
      return length <= usuallyShort;
    }
    const counted = Math.min(length, longestShort);
    this.#usual = this.#usual < 0 ? counted : this.#usual + ((counted - this.#usual) >> usualShift);
    if (this.#usual < usuallyShort) {
      this.#usesShort = true;
    } else if (this.#usual > usuallyLonger) {
      this.#usesShort = false;
    }
    return this.#usesShort && length <= longestShort;
  }

  #deflateShort(payload: Uint8Array, length: number): Buffer {
    const { context } = this.#contexts.short.acquire(this.short, this.#windowBits);
    const compressed = context.deflate(payload, length);
    const wire = Buffer.allocUnsafe(compressed.length);
    wire.set(compressed);
    if (this.contextTakeover) {
      this.#recent = undefined;
    } else {
      context.reset();
    }
    return wire;
  }

  /** What a one-shot call needs, whose result {@link withoutTail} makes a message of. */
  onceOptions(): ZlibOptions {
    const { level, memLevel } = this.#settings;
    return {
      level,
      memLevel,
      windowBits: this.#windowBits,
      finishFlush: constants.Z_SYNC_FLUSH,
      chunkSize: output.length,
    };
  }

  /** A message was compressed elsewhere: what the context holds is no longer what the peer saw last. */
  skip(): void {
    this.zlib.slot?.context.reset();
    this.#recent = undefined;
    this.short.slot?.context.reset();
  }
}

/** A one-shot call's result as the wire has it. */
export const withoutTail = (flushed: Buffer): Buffer => flushed.subarray(0, flushed.length - tailLength);

/** Lets a fresh context know bytes that the peer has: they are compressed, and what comes out is not sent. */
const prime = (context: DirectContext, recent: History): void => {
  const { length } = recent;
  recent.copyTo(primer, 0);
  context.run(constants.Z_SYNC_FLUSH, primer, 0, length, output, output.length);
};

/** @param lasting whether the next message may refer to this one */
const deflateFrom = (
  context: DirectContext,
  payload: Uint8Array,
  length: number,
  lasting: boolean,
): Buffer => {
  // A full flush makes zlib forget, which takes less time than a reset.
  const flush = lasting ? constants.Z_SYNC_FLUSH : constants.Z_FULL_FLUSH;
  let parts: Buffer[] | undefined;
  for (let consumed = 0; ; ) {
    context.run(flush, payload, consumed, length, output, output.length);
    const made = output.length - context.outputLeft;
    consumed = length - context.inputLeft;
    if (parts === undefined && made < output.length) {
      return Buffer.from(output.subarray(0, made - tailLength));
    }
    parts ??= [];
    parts.push(Buffer.from(output.subarray(0, made)));
    if (made < output.length) {
      return withoutTail(Buffer.concat(parts));
    }
  }
};

/** Longest stored block (RFC 1951 §3.2.4). */
const longestStored = 0xffff;

/** A message as stored blocks: not compressed, yet what the peer expects of a message that is said to be. */
export const storedBlocks = (payload: Uint8Array): Buffer => {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < payload.length; start += longestStored) {
    const block = payload.subarray(start, start + longestStored);
    const { length } = block;
    parts.push(Uint8Array.of(0, length & 0xff, length >> 8, ~length & 0xff, (~length >> 8) & 0xff), block);
  }
  return Buffer.concat([...parts, Uint8Array.of(0)]);
};
