/**
 * The last bytes that a peer sent on a connection, decompressed: what its next message may refer to (RFC 7692 §7.2.2).
 *
 * The rule of this file: it never takes more than the negotiated window, and no more than was received. It is what
 * lets an inflating context be taken from a connection and given to another.
 */

/** Smallest allocation; it doubles from there up to the window. */
const firstCapacity = 256;

/** A window of received bytes, kept as a ring. */
export class History {
  readonly #window: number;
  #ring = new Uint8Array(0);
  #next = 0;
  #length = 0;

  /** @param windowBits base-2 logarithm of the bytes that are kept at most */
  constructor(windowBits: number) {
    this.#window = 2 ** windowBits;
  }

  /** Bytes kept. */
  get length(): number {
    return this.#length;
  }

  /** Bytes allocated. */
  get capacity(): number {
    return this.#ring.length;
  }

  /** The bytes as they lie; their number is 0 or a power of two. */
  get ring(): Uint8Array {
    return this.#ring;
  }

  /** Where the next byte goes in the ring; also the oldest byte when that is full. */
  get next(): number {
    return this.#next;
  }

  /** Adds a message, `bytes[start, end)`. */
  append(bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (start === end) {
      return;
    }
    const from = Math.max(start, end - this.#window);
    const count = end - from;
    this.#grow(Math.min(this.#window, this.#length + count));
    const ring = this.#ring;
    const first = Math.min(count, ring.length - this.#next);
    const { buffer, byteOffset } = bytes;
    ring.set(new Uint8Array(buffer, byteOffset + from, first), this.#next);
    if (first < count) {
      ring.set(new Uint8Array(buffer, byteOffset + from + first, count - first), 0);
    }
    this.#next = (this.#next + count) % ring.length;
    this.#length = Math.min(this.#length + count, ring.length);
  }

  /** Copies all bytes, oldest first; `target` needs room for `length` of them after `offset`. */
  copyTo(target: Uint8Array, offset: number): void {
    const oldest = this.#length < this.#ring.length ? 0 : this.#next;
    if (oldest === 0) {
      target.set(
        this.#length === this.#ring.length ? this.#ring : this.#ring.subarray(0, this.#length),
        offset,
      );
      return;
    }
    const { buffer, length } = this.#ring;
    target.set(new Uint8Array(buffer, oldest, length - oldest), offset);
    target.set(new Uint8Array(buffer, 0, oldest), offset + length - oldest);
  }

  /** All bytes, oldest first, as a copy. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    this.copyTo(bytes, 0);
    return bytes;
  }

  #grow(needed: number): void {
    if (needed <= this.#ring.length) {
      return;
    }
    let capacity = Math.max(firstCapacity, this.#ring.length);
    while (capacity < needed) {
      capacity *= 2;
    }
    const ring = new Uint8Array(Math.min(capacity, this.#window));
    this.copyTo(ring, 0);
    this.#ring = ring;
    this.#next = this.#length % ring.length;
  }
}
