/**
 * When what connections have collected is written: all together, behind the reads of one turn of the event loop.
 *
 * The rule of this file: reading and writing take turns, for the code of both does not fit into the processor's nearest
 * memory at once. Nobody waits long for that: many who wait are enough, and where handlers or others take long, each
 * writes at once for a while.
 */

/** Writes what it has collected. */
export interface Collected {
  flush(): void;
}

/** The moments of the event loop, and the time. */
export interface Moments {
  /** Runs `act` when the work under way and the promise jobs that it woke are done. */
  soon(act: () => void): void;
  /** Runs `act` behind the reads of this turn. */
  later(act: () => void): void;
  /** Milliseconds of a monotonic clock. */
  now(): number;
}

/** As many as this do not wait for the end of the reads: what writing gains by company, it has. */
const enough = 32;
/** Milliseconds of waiting that are no delay yet. */
const longest = 2;
/** Waiting is not tried again for so many times as long as it took when that was a delay. */
const caution = 32;
/** Milliseconds after which it is tried again in any case: a process may have been stopped for hours. */
const longestHaste = 5_000;

export class TurnEnd {
  readonly #moments: Moments;
  #waiting: Collected[] = [];
  /** Whether the end of this turn's reads has been asked for. */
  #planned = false;
  /** When the first of those who wait came. */
  #since = 0;
  /** Until when nobody waits. */
  #hastyUntil = 0;

  constructor(moments: Moments) {
    this.#moments = moments;
  }

  /** Has `flush` called once, when others have had the time to join. */
  defer(collected: Collected): void {
    // First: an error that cuts this off must not leave those who come later without a flush.
    if (this.#waiting.length === 0) this.#begin();
    const count = this.#waiting.push(collected);
    if (count === enough || (count < enough && isGrown(count) && this.#isLate())) {
      this.#moments.soon(this.#flush);
    }
  }

  #begin(): void {
    const now = this.#moments.now();
    this.#since = now;
    if (now < this.#hastyUntil) {
      this.#moments.soon(this.#flush);
    } else if (!this.#planned) {
      this.#moments.later(this.#turnOver);
      this.#planned = true;
    }
  }

  /** Whether the first has waited for too long; then nobody waits for a while. */
  #isLate(): boolean {
    const now = this.#moments.now();
    const waited = now - this.#since;
    if (waited <= longest) return false;
    this.#hastyUntil = now + Math.min(waited * caution, longestHaste);
    return true;
  }

  // One function of each for all turns.
  readonly #turnOver = (): void => {
    this.#planned = false;
    if (this.#waiting.length > 0) this.#isLate();
    this.#flush();
  };

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    let next = 0;
    try {
      for (const collected of waiting) {
        next += 1;
        collected.flush();
      }
    } finally {
      // Those behind one whose write throws get theirs all the same.
      if (next < waiting.length) for (const left of waiting.slice(next)) this.defer(left);
    }
  };
}

/** Whether the time is worth a look, which costs something for each who waits: at 4, and when their number has doubled. */
const isGrown = (count: number): boolean => count >= 4 && (count & (count - 1)) === 0;
