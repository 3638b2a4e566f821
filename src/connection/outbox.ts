/**
 * Frames of one turn on their way to the transport: small ones side by side in a lent slab, large payloads by
 * reference, all in one write.
 *
 * The rule of this file: an idle connection holds no output memory. A slab goes back as soon as the transport has
 * consumed it; one that must wait in the transport is left to it. An error may cut off any call, as where the caller's
 * stack is full: then either nothing has happened, or the connection is over.
 */
import { encodeHeader, headerSize } from '../frame/encoder.ts';
import { maxHeaderSize } from '../frame/header.ts';
import { mask, rotateKey } from '../frame/mask.ts';
import type { EncodedText } from './encoded-text.ts';
import type { ByteTransport, Runtime } from './port.ts';

/** From this size on a payload is written from where it lies: copying it would cost more than a part of its own. */
export const copyLimit = 16_384;
/** Output of one turn is brought together in one slab up to this size. */
const largestSlab = 65_536;
/** Strings up to this length are tried as ASCII, byte by byte, before the native encoder is called. */
const shortText = 32;

export class Outbox {
  /** Bytes that wait for `flush`. */
  size = 0;

  readonly #runtime: Runtime;
  readonly #nextMaskKey: (() => number) | undefined;
  #parts: Uint8Array[] | undefined;
  /** A prepared frame that is alone so far: it is written from where it lies, if nothing joins it. */
  #lone: Uint8Array | undefined;
  #spent: Uint8Array[] | undefined;
  #texts: EncodedText[] | undefined;
  #slab: Uint8Array | undefined;
  #from = 0;
  #at = 0;
  #torn = false;

  constructor(runtime: Runtime, nextMaskKey: (() => number) | undefined) {
    this.#runtime = runtime;
    this.#nextMaskKey = nextMaskKey;
  }

  /** Adds a frame whose payload is a string. @returns the bytes of the frame */
  text(first: number, text: string): number {
    // A UTF-16 unit becomes at most three bytes.
    if (text.length * 3 > copyLimit) return this.#largeText(first, text);
    const masked = this.#nextMaskKey !== undefined;
    const slab = this.#reserve(maxHeaderSize + text.length * 3);
    const start = this.#at;
    // Most text is ASCII: place the payload behind the header that fits then, and move it when it was not.
    const guess = headerSize(text.length, masked);
    let at = start + guess;
    const ascii = text.length <= shortText && writeAscii(text, slab, at);
    const length = ascii ? text.length : this.#runtime.writeUtf8(text, slab, at);
    const actual = headerSize(length, masked);
    if (actual !== guess) {
      slab.copyWithin(start + actual, at, at + length);
      at = start + actual;
    }
    return this.#finish(slab, start, first, at, length);
  }

  /** Adds a frame whose payload is bytes; large ones must not change until they are written. */
  bytes(first: number, payload: Uint8Array): number {
    const { length } = payload;
    if (length >= copyLimit) return this.#large(first, [payload], length);
    const slab = this.#reserve(maxHeaderSize + length);
    const start = this.#at;
    const at = start + headerSize(length, this.#nextMaskKey !== undefined);
    slab.set(payload, at);
    return this.#finish(slab, start, first, at, length);
  }

  /** Adds a whole frame that is encoded already. */
  frame(frame: Uint8Array): number {
    if (frame.length >= copyLimit) {
      this.#join();
      this.#seal();
      this.#push(frame);
    } else if (this.size === 0) {
      this.#lone = frame;
    } else {
      this.#reserve(frame.length).set(frame, this.#at);
      this.#at += frame.length;
    }
    this.size += frame.length;
    return frame.length;
  }

  /**
   * Whether an error cut a frame or a write off in the middle: nothing may follow what the peer has got of it, so
   * nothing is written any more.
   */
  get torn(): boolean {
    return this.#torn;
  }

  /** Hands everything to the transport. */
  flush(transport: ByteTransport): void {
    if (this.#torn) return;
    // Until all is done: nobody knows what the peer has got.
    this.#torn = true;
    if (this.#lone !== undefined) this.#push(this.#lone);
    this.#seal();
    if (this.#parts !== undefined && transport.write(this.#parts)) {
      if (this.#slab !== undefined) this.#runtime.releaseSlab(this.#slab);
      if (this.#spent !== undefined) for (const slab of this.#spent) this.#runtime.releaseSlab(slab);
      if (this.#texts !== undefined) for (const text of this.#texts) text.giveBack();
    }
    this.clear();
  }

  /** Drops what was not flushed. */
  clear(): void {
    this.#parts = undefined;
    this.#lone = undefined;
    this.#slab = undefined;
    this.#spent = undefined;
    this.#texts = undefined;
    this.#from = 0;
    this.#at = 0;
    this.#torn = false;
    this.size = 0;
  }

  #finish(slab: Uint8Array, start: number, first: number, at: number, length: number): number {
    const key = this.#nextMaskKey?.();
    encodeHeader(slab, start, first, length, key);
    const end = at + length;
    if (key !== undefined) mask(slab, at, end, key);
    const size = end - start;
    this.#at = end;
    this.size += size;
    return size;
  }

  #largeText(first: number, text: string): number {
    const encoded = this.#runtime.encodeLarge(text);
    const size = this.#large(first, encoded.parts, encoded.size);
    if (this.#nextMaskKey !== undefined) encoded.giveBack();
    else if (this.#texts === undefined) this.#texts = [encoded];
    else this.#texts.push(encoded);
    return size;
  }

  /** A frame whose payload, in these parts, belongs to others too: it is copied to be masked. */
  #large(first: number, parts: readonly Uint8Array[], length: number): number {
    let key = this.#nextMaskKey?.();
    const slab = this.#reserve(maxHeaderSize);
    const from = this.#at;
    const at = encodeHeader(slab, from, first, length, key);
    const size = at - from + length;
    this.#torn = true;
    this.#at = at;
    this.#seal();
    for (const part of parts) {
      if (key === undefined) {
        this.#push(part);
        continue;
      }
      const masked = this.#runtime.copy(part, 0, part.length);
      mask(masked, 0, masked.length, key);
      key = rotateKey(key, part.length);
      this.#push(masked);
    }
    this.#torn = false;
    this.size += size;
    return size;
  }

  /** Copies a lone frame to where others follow it. */
  #join(): void {
    const lone = this.#lone;
    if (lone === undefined) return;
    this.#torn = true;
    this.#lone = undefined;
    this.#reserve(lone.length).set(lone, this.#at);
    this.#at += lone.length;
    this.#torn = false;
  }

  /** Room for `size` bytes at `#at`. */
  #reserve(size: number): Uint8Array {
    if (this.#lone !== undefined) this.#join();
    const slab = this.#slab;
    if (slab !== undefined) {
      if (slab.length - this.#at >= size) return slab;
      // Moving what there is costs less than a part of its own in the write.
      if (this.#parts === undefined && this.#at + size <= largestSlab) return this.#grow(slab, size);
      this.#seal();
    }
    const next = this.#runtime.takeSlab(Math.max(size, slab === undefined ? 0 : slab.length * 2));
    if (slab !== undefined) {
      this.#spent ??= [];
      this.#spent.push(slab);
    }
    this.#slab = next;
    this.#from = 0;
    this.#at = 0;
    return next;
  }

  #grow(slab: Uint8Array, size: number): Uint8Array {
    const next = this.#runtime.takeSlab(Math.min(largestSlab, Math.max(this.#at + size, slab.length * 4)));
    next.set(slab.subarray(0, this.#at));
    this.#runtime.releaseSlab(slab);
    this.#slab = next;
    return next;
  }

  /** Makes what the slab holds so far a part of its own. */
  #seal(): void {
    if (this.#slab === undefined || this.#at === this.#from) return;
    this.#push(this.#slab.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  #push(part: Uint8Array): void {
    if (this.#parts === undefined) this.#parts = [part];
    else this.#parts.push(part);
  }
}

function writeAscii(text: string, target: Uint8Array, at: number): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0x80) return false;
    target[at + index] = unit;
  }
  return true;
}
