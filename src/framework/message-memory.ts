/**
 * Memory for messages: those that are copied out of the shared read buffer, and those that are gathered.
 *
 * The rule of this file: small messages share a pool, whole words at a time, and no two of them share a word; a large
 * one gets memory of its own, so that a message never keeps more than one pool alive. All of it is told to the pace of
 * collections.
 */
import type { Region } from '../frame/region.ts';
import { bufferView } from './buffer-view.ts';
import type { CollectionPace } from './collection-pace.ts';

/** Bytes of a pool: what a small message that is kept may keep alive with it. */
const poolSize = 16_384;
/**
 * Up to this size a message comes from the pool. A larger piece of Node's own pool would keep all of that (64 KiB on
 * Node 24 and later) alive with it.
 */
export const pooledSize = 2_048;
/** Above this size a native copy is faster than words one by one (measured). */
const wordsLimit = 384;

export class MessageMemory {
  readonly #region: () => Region;
  readonly #pace: CollectionPace;
  #pool = Buffer.alloc(0);
  #words = new Int32Array(0);
  #at = 0;

  /**
   * @param region where most messages are copied from
   * @param pace who is told of memory outside of the heap
   */
  constructor(region: () => Region, pace: CollectionPace) {
    this.#region = region;
    this.#pace = pace;
  }

  /** Memory for `size` bytes that are yet to come, with anything in it. */
  allocate(size: number): Buffer {
    if (size > pooledSize) return this.#own(size);
    if (this.#at + size > this.#pool.length) this.#renew();
    const at = this.#at;
    this.#at = (at + size + 3) & ~3;
    return bufferView(this.#pool.buffer, at, size);
  }

  /** A copy of `bytes[start, end)`. */
  copy(bytes: Uint8Array, start: number, end: number): Buffer {
    const size = end - start;
    if (size > pooledSize) {
      const copy = this.#own(size);
      copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, size));
      return copy;
    }
    if (this.#at + size + 8 > this.#pool.length) this.#renew();
    const region = this.#region();
    // As far into a word as the source is, so that words can be copied as they lie.
    const at = this.#at + (start & 3);
    this.#at = (at + size + 3) & ~3;
    if (bytes === region.bytes && size <= wordsLimit) {
      const from = region.words;
      const to = this.#words;
      const last = (end + 3) >>> 2;
      for (let source = start >>> 2, target = at >>> 2; source < last; source += 1, target += 1) {
        to[target] = from[source] as number;
      }
    } else {
      this.#pool.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, size), at);
    }
    return bufferView(this.#pool.buffer, at, size);
  }

  #own(size: number): Buffer<ArrayBuffer> {
    this.#pace.allocated(size);
    return Buffer.allocUnsafeSlow(size);
  }

  #renew(): void {
    this.#pool = this.#own(poolSize);
    this.#words = new Int32Array(this.#pool.buffer);
    this.#at = 0;
  }
}
