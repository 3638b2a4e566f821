/**
 * What (de)compresses for the connections that share a configuration, in one bounded pool for each kind of it: zlib
 * contexts for either direction, and compressors for short messages.
 *
 * The rule of this file: a context belongs to one owner at a time, and any owner may lose it between two messages:
 * to another that needs one when the pool is full (the least recently used goes first, by the clock algorithm), or
 * to the sweep that frees what was idle for a while. So memory is bounded by `limit`, not by the connections.
 */

/** What a pool can hold. */
export interface Context {
  /** Forgets what it was used for. */
  reset(): void;
  close(): void;
}

/** Whoever can hold a context. The pool alone writes `slot`. */
export interface ContextOwner<C extends Context> {
  slot: ContextSlot<C> | undefined;
}

/** One context of a pool. */
export interface ContextSlot<C extends Context> {
  readonly context: C;
  readonly windowBits: number;
  owner: ContextOwner<C>;
  /** Used since the clock's hand or the sweep came by. */
  used: boolean;
  /** Holds nothing of its owner's messages yet. Set by the pool, cleared by the owner. */
  fresh: boolean;
}

/** Milliseconds between two sweeps; a context that a whole interval passes by unused is freed. */
const sweepInterval = 30_000;

/** Contexts of one kind. */
export class ContextPool<C extends Context> {
  readonly #limit: number;
  readonly #open: (windowBits: number) => C;
  readonly #slots: ContextSlot<C>[] = [];
  #hand = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param limit the most contexts alive at a time, at least 1
   * @param open makes a context for a window size
   */
  constructor(limit: number, open: (windowBits: number) => C) {
    this.#limit = limit;
    this.#open = open;
  }

  /** Contexts alive. */
  get size(): number {
    return this.#slots.length;
  }

  /** The owner's context: the one it has, or a fresh one. An owner always asks for the same window. */
  acquire(owner: ContextOwner<C>, windowBits: number): ContextSlot<C> {
    const slot = owner.slot ?? this.#assign(owner, windowBits);
    slot.used = true;
    return slot;
  }

  /** Frees the owner's context, if it has one. */
  release(owner: ContextOwner<C>): void {
    if (owner.slot !== undefined) {
      this.#close(owner.slot);
    }
  }

  /** Frees all contexts. */
  clear(): void {
    for (const slot of [...this.#slots]) {
      this.#close(slot);
    }
  }

  /** Frees every context that was not used since the last sweep. Runs by itself, from a timer that keeps nothing alive. */
  sweep(): void {
    for (const slot of this.#slots.filter(({ used }) => !used)) {
      this.#close(slot);
    }
    for (const slot of this.#slots) {
      slot.used = false;
    }
  }

  #assign(owner: ContextOwner<C>, windowBits: number): ContextSlot<C> {
    const victim = this.#slots.length < this.#limit ? undefined : this.#leastRecentlyUsed();
    if (victim?.windowBits === windowBits) {
      victim.context.reset();
      victim.owner.slot = undefined;
      victim.owner = owner;
      victim.fresh = true;
      owner.slot = victim;
      return victim;
    }
    if (victim !== undefined) {
      this.#close(victim);
    }
    const slot = { context: this.#open(windowBits), windowBits, owner, used: true, fresh: true };
    owner.slot = slot;
    this.#slots.push(slot);
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.sweep(), sweepInterval);
      this.#timer.unref();
    }
    return slot;
  }

  /** The first slot after the hand that was not used since the hand was there last. */
  #leastRecentlyUsed(): ContextSlot<C> | undefined {
    for (;;) {
      this.#hand = (this.#hand + 1) % this.#slots.length;
      const slot = this.#slots[this.#hand];
      if (!slot?.used) {
        return slot;
      }
      slot.used = false;
    }
  }

  #close(slot: ContextSlot<C>): void {
    const last = this.#slots.pop();
    if (last !== undefined && last !== slot) {
      this.#slots[this.#slots.indexOf(slot)] = last;
    }
    slot.owner.slot = undefined;
    // Last: where an error cuts this off, nobody finds a closed context, whose memory another may have by then.
    slot.context.close();
    if (this.#slots.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
