/**
 * Compresses own messages, one call for each (RFC 7692 §7.2.1).
 *
 * The rule of this file: what is lost is only ratio. A fresh context is legal at any message, since it refers to
 * nothing; so a context may be taken away, and a message compressed elsewhere, or cut off by an error, without the peer
 * noticing.
 */
import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';
import type { LentMessage } from '../types.ts';
import { type Compressor, canCompress, longestPart, longestText, storedOverhead } from './compressor.ts';
import type { ContextOwner, ContextPool } from './contexts.ts';
import type { DirectContext } from './direct.ts';
import type { Direction } from './negotiation.ts';
import type { DeflateSettings } from './options.ts';
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

/** Levels at which messages are compressed without zlib. */
const isFast = (level: number): boolean => level >= 1 && level <= 3;

/** Where a deflater finds what it compresses with. */
export interface DeflateContexts {
  readonly own: ContextPool<Compressor>;
  /** Live zlib contexts; `undefined` uses the public API. */
  readonly zlib: ContextPool<DirectContext> | undefined;
}

/** Own direction of one connection; without context takeover it can serve any number of connections. */
export class Deflater {
  readonly own: ContextOwner<Compressor> = { slot: undefined };
  readonly zlib: ContextOwner<DirectContext> = { slot: undefined };
  /** False when any number of connections can share this. */
  readonly contextTakeover: boolean;
  readonly #windowBits: number;
  readonly #settings: DeflateSettings;
  readonly #contexts: DeflateContexts;
  readonly #longestSync: number;
  readonly #fast: boolean;
  /** Whether {@link deflate} made something that has not been {@link sent}. */
  #unsent = false;

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
    this.#fast = isFast(settings.level) && canCompress();
  }

  /**
   * Compresses a message now, if it is short enough; otherwise `undefined`. Once it is on its way, {@link sent} is to be
   * called.
   *
   * @param length the payload's true length in bytes, not 0
   */
  deflate(payload: Uint8Array, length: number): Buffer | undefined {
    if (length > this.#longestSync) {
      return undefined;
    }
    this.#forgetUnsent();
    this.#unsent = true;
    if (this.#fast) {
      return this.#deflateFast(plainView(payload));
    }
    if (this.#contexts.zlib === undefined) {
      return withoutTail(deflateRawSync(plainView(payload), this.onceOptions()));
    }
    const { context } = this.#contexts.zlib.acquire(this.zlib, this.#windowBits);
    return deflateFrom(context, payload, length, this.contextTakeover);
  }

  /**
   * Compresses a message now, if it is a short one.
   *
   * @param message not empty; when it is bytes, a view that nobody else has
   * @returns what goes on the wire, good until the next call of this or another; or `undefined`, when nothing has
   *   happened
   */
  deflateNow(message: string | Uint8Array): LentMessage | undefined {
    const isText = typeof message === 'string';
    if (!this.#fast || message.length > (isText ? longestText : longestPart)) {
      return undefined;
    }
    this.#forgetUnsent();
    const compressor = this.#compressor();
    return isText ? compressor?.deflateText(message) : compressor?.deflate(message);
  }

  /** What {@link deflate} made last is on its way to the peer. */
  sent(): void {
    this.#unsent = false;
  }

  /** Forgets what never left. */
  #forgetUnsent(): void {
    if (this.#unsent) {
      this.skip();
      this.#unsent = false;
    }
  }

  #deflateFast(message: Uint8Array): Buffer {
    const made = this.#compressor()?.deflate(message);
    if (made === undefined) {
      return storedBlocks(message);
    }
    const own =
      made.end - made.start > message.length + storedOverhead
        ? storedBlocks(message)
        : Buffer.from(made.bytes.subarray(made.start, made.end));
    made.taken = true;
    return own;
  }

  /** What compresses the next message, which refers to no other's; `undefined` when there is no memory for it. */
  #compressor(): Compressor | undefined {
    try {
      const { context } = this.#contexts.own.acquire(this.own, this.#windowBits);
      // Not after the message: what cuts a message off would keep its compressor from forgetting it.
      if (!this.contextTakeover) context.reset();
      return context;
    } catch {
      return undefined;
    }
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
    this.own.slot?.context.reset();
  }
}

/** A one-shot call's result as the wire has it. */
export const withoutTail = (flushed: Buffer): Buffer => flushed.subarray(0, flushed.length - tailLength);

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
