/**
 * First in, first out, at constant cost: an array with a head that moves.
 *
 * The rule of this file: memory follows what is queued, also when the queue is never quite empty; an empty queue has
 * no array at all.
 */

/** Taken places that are kept before the array is cut. */
const slack = 1_024;

export class Queue<Item> {
  #items: (Item | undefined)[] | undefined;
  #head = 0;

  get length(): number {
    return this.#items === undefined ? 0 : this.#items.length - this.#head;
  }

  /** The item that `take` would give. */
  get first(): Item | undefined {
    return this.#items?.[this.#head];
  }

  push(item: Item): void {
    if (this.#items === undefined) this.#items = [item];
    else this.#items.push(item);
  }

  take(): Item | undefined {
    const items = this.#items;
    if (items === undefined) return undefined;
    const item = items[this.#head];
    const next = this.#head + 1;
    if (next >= items.length) {
      // No call behind this: one that is cut off, as where the stack is full, would take the item with it.
      this.#items = undefined;
      this.#head = 0;
    } else if (next >= slack && next * 2 >= items.length) {
      this.#items = items.slice(next);
      this.#head = 0;
    } else {
      items[this.#head] = undefined;
      this.#head = next;
    }
    return item;
  }

  clear(): void {
    this.#items = undefined;
    this.#head = 0;
  }
}
