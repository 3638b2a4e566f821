/**
 * When what connections have collected is written: all together, behind the reads of one turn of the event loop.
 *
 * The rule of this file: reading and writing take turns, for the code of both does not fit into the processor's nearest
 * memory at once. Nobody waits long for that: many who wait are enough, and a loop that is slow to come to the end of
 * its reads writes at once for a while.
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
/** Milliseconds from the first who waits to the end of the reads that are no delay yet. */
const longest = 2;
/** Writes that go at once when it took longer, before it is tried again. */
const hasty = 64;

export class TurnEnd {
  readonly #moments: Moments;
  #waiting: Collected[] = [];
  #planned = false;
  /** When the first of those who wait came. */
  #since = 0;
  /** Writes that still go at once. */
  #haste = 0;

  constructor(moments: Moments) {
    this.#moments = moments;
  }

  /** Has `flush` called once, when others have had the time to join. */
  defer(collected: Collected): void {
    // First: an error that cuts this off must not leave those who come later without a flush.
    if (!this.#planned) this.#plan();
    if (this.#waiting.push(collected) === enough) this.#moments.soon(this.#flush);
  }

  #plan(): void {
    if (this.#haste > 0) {
      this.#moments.soon(this.#end);
      this.#haste -= 1;
    } else {
      this.#since = this.#moments.now();
      this.#moments.later(this.#turnOver);
    }
    this.#planned = true;
  }

  // One function of each for all turns.
  readonly #turnOver = (): void => {
    if (this.#moments.now() - this.#since > longest) this.#haste = hasty;
    this.#end();
  };

  readonly #end = (): void => {
    this.#planned = false;
    this.#flush();
  };

  readonly #flush = (): void => {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const collected of waiting) collected.flush();
  };
}
