/**
 * Young collections in time: the memory of messages lies outside of V8's heap, and V8 looks at it late.
 *
 * The rule of this file: a collection is asked for only when the memory outside of the heap has grown by so much that
 * V8 itself is about to walk the whole heap for it; where V8 collects in time, nothing happens but a look now and then.
 */
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';

/** Bytes that are allocated between two looks. */
const interval = 1_048_576;
/**
 * Growth that asks for a collection. Before Node 24 V8 makes a young collection at this much of its own accord, from then
 * on at twice as much; but between 40 and 64 MiB, by the size of the heap, it begins to mark all of it.
 */
const tolerated = 33_554_432;
/** Slots of an array that fills new space: 64,000 bytes, by far no large object for V8, which would lie elsewhere. */
const slots = 8_000;
/** More room than this in new space (the default never has) is not filled: that costs what it saves. */
const fillable = 67_108_864;

/** What is asked of V8, in bytes. */
export interface Heap {
  /** Memory outside of the heap that objects in it keep alive. */
  external(): number;
  /** What can still be allocated before V8 makes a young collection. */
  room(): number;
}

const v8: Heap = {
  external: () => getHeapStatistics().external_memory,
  room: () =>
    getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_available_size ?? 0,
};

export class CollectionPace {
  readonly #heap: Heap;
  #allocated = 0;
  /** The least that there was since the last collection that was asked for. */
  #least = Infinity;
  /** Where what fills new space can be seen, so that V8 does not leave it out. */
  readonly #ballast: unknown[] = [undefined];

  /** @param heap who is asked, by default V8 */
  constructor(heap: Heap = v8) {
    this.#heap = heap;
  }

  /** Tells of `bytes` that were, or are to be, allocated outside of the heap. */
  allocated(bytes: number): void {
    this.#allocated += bytes;
    if (this.#allocated >= interval) this.#look();
  }

  /**
   * Makes V8 collect new space, by filling what room there is.
   *
   * @returns objects that were allocated for that
   */
  collect(): number {
    const room = this.#heap.room();
    if (room === 0 || room > fillable) return 0;
    // What does not fit at the end of a page stays empty, so this is enough, and often one too many.
    const objects = Math.ceil(room / (slots * 8)) + 1;
    for (let left = objects; left > 0; left -= 1) this.#ballast[0] = new Array(slots);
    this.#ballast[0] = undefined;
    return objects;
  }

  #look(): void {
    this.#allocated = 0;
    const external = this.#heap.external();
    if (external - this.#least < tolerated) {
      if (external < this.#least) this.#least = external;
      return;
    }
    // What is freed is counted a little later. What stays is in use, and grows from here.
    this.#least = external;
    this.collect();
  }
}
