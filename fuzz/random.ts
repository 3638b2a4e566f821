/**
 * A small, fast generator of pseudo-random numbers (xorshift with 32 bits of state).
 *
 * The rule of this file: everything that a run draws comes from one seed, so the seed is all that is needed to draw it
 * again. Not for anything that must not be guessed.
 */
export class Random {
  #state = 1;

  constructor(seed: number) {
    this.seed(seed);
  }

  /** Begins again; nearby seeds give unrelated numbers. */
  seed(seed: number): void {
    let state = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    this.#state = (state ^ (state >>> 13)) | 0 || 0x6d2b79f5;
  }

  /** 32 random bits, as a signed number. */
  bits(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return state;
  }

  /** An integer from 0 to `limit - 1`; `limit` is at least 1. */
  below(limit: number): number {
    return (this.bits() >>> 0) % limit;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the list, which is not empty. */
  pick<Item>(list: readonly Item[]): Item {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  /** Ascending cuts for something of this length: often none near each other, sometimes everywhere, sometimes empty pieces. */
  cuts(length: number): number[] {
    const cuts: number[] = [];
    const stride = this.once(8) ? 1 : 1 + this.below(Math.max(2, length));
    for (let at = this.below(stride + 1); at < length; at += stride === 1 ? 1 : this.below(stride)) {
      cuts.push(at);
      if (cuts.length > length + 8) break;
    }
    return cuts;
  }
}
