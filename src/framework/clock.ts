/**
 * One coarse clock and one timer for all connections of the process.
 *
 * The rule of this file: deadlines are kept in buckets of 50 ms and looked at only when their bucket is due; a
 * connection whose deadline moved meanwhile is simply put into a later one. Time during which the event loop was
 * blocked does not count, so that a stalled process does not take its peers for dead.
 */
import { performance } from 'node:perf_hooks';

/** Something with deadlines. Times in milliseconds of this clock. */
export interface Timed {
  /** Kept by the clock: the one bucket in which it is; 0 for none. */
  bucket: number;
  /** Kept by the clock: its place in the bucket. */
  slot: number;
  deadline(): number;
  tick(now: number): void;
}

/** Width of a bucket in milliseconds. */
const resolution = 50;
/** Longest sleep: how finely a blocked loop is noticed. */
const beat = 1_000;
/** Lateness of the timer that still counts as ordinary. */
const ordinaryLateness = 100;

export class Clock {
  /** Milliseconds during which the loop was blocked. */
  #blocked = 0;
  readonly #buckets = new Map<number, Timed[]>();
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Infinity;

  /** Whole milliseconds, monotonic, without the time during which the loop was blocked. */
  now(): number {
    // Whole ones are kept in place where they are stored; others take memory of their own, per connection and kind.
    return Math.trunc(performance.now() - this.#blocked);
  }

  /** Entries that have a deadline. */
  get size(): number {
    return this.#size;
  }

  /** Has `tick` called once `deadline` has passed, unless a nearer one is set already. */
  arm(timed: Timed, deadline: number): void {
    if (deadline === Infinity) return;
    const bucket = Math.max(1, Math.ceil(deadline / resolution));
    if (timed.bucket === 0) this.#size += 1;
    else if (timed.bucket <= bucket) return;
    else this.#takeOut(timed);
    timed.bucket = bucket;
    const entries = this.#buckets.get(bucket);
    if (entries === undefined) this.#buckets.set(bucket, [timed]);
    else entries.push(timed);
    timed.slot = entries === undefined ? 0 : entries.length - 1;
    this.#sleep(bucket * resolution);
  }

  /** Forgets an entry. */
  disarm(timed: Timed): void {
    if (timed.bucket === 0) return;
    this.#takeOut(timed);
    timed.bucket = 0;
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#buckets.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#wakeAt = Infinity;
  }

  /** Leaves nothing of an entry in its bucket: what is over must not be kept until it would have been due. */
  #takeOut(timed: Timed): void {
    const entries = this.#buckets.get(timed.bucket);
    // A bucket that is being worked off is not there any more, or there is a new one in its place.
    if (entries?.[timed.slot] !== timed) return;
    const last = entries.pop();
    if (last === undefined || last === timed) return;
    entries[timed.slot] = last;
    last.slot = timed.slot;
  }

  #sleep(until: number): void {
    // A timer that is set goes off within a beat.
    if (this.#timer !== undefined && this.#wakeAt <= until) return;
    const now = this.now();
    const wakeAt = Math.min(until, now + beat);
    clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    this.#timer = setTimeout(() => this.#woken(), Math.max(1, wakeAt - now));
    this.#timer.unref();
  }

  #woken(): void {
    const late = this.now() - this.#wakeAt;
    if (late > ordinaryLateness) this.#blocked += late;
    // What peers have sent by now lies in the system's buffers: it is read first, and counts as life.
    setImmediate(() => this.#run());
  }

  #run(): void {
    this.#timer = undefined;
    this.#wakeAt = Infinity;
    const now = this.now();
    const due = Math.floor(now / resolution);
    let next = Infinity;
    for (const [bucket, entries] of this.#buckets) {
      if (bucket > due) {
        next = Math.min(next, bucket);
        continue;
      }
      this.#buckets.delete(bucket);
      for (const timed of entries) {
        if (timed.bucket !== bucket) continue;
        timed.bucket = 0;
        this.#size -= 1;
        timed.tick(now);
        this.arm(timed, timed.deadline());
      }
    }
    if (next !== Infinity) this.#sleep(next * resolution);
  }
}

/** The clock of this process. */
export const clock = new Clock();
