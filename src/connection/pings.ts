/**
 * Pings under way and their answers (RFC 6455 §5.5.2–3).
 *
 * The rule of this file: a Pong answers the ping whose payload it repeats and all before it, because a peer may
 * answer only the newest. A Pong that repeats nothing is ignored.
 */
import { ClosedError } from './errors.ts';
import type { Closure } from './types.ts';

interface Ping {
  readonly payload: Uint8Array;
  readonly at: number;
  readonly resolve: ((milliseconds: number) => void) | undefined;
  readonly reject: ((error: Error) => void) | undefined;
}

/** Pings remembered at most; an older one that nobody awaits is forgotten first. */
const remembered = 64;

export class Pings {
  /** Round trip of the ping answered last, in milliseconds. */
  latency: number | undefined;
  #count = 0;
  #waiting: Ping[] | undefined;

  /** A payload for a keepalive ping that is sent at `now`. */
  next(now: number): Uint8Array {
    const payload = this.#counter();
    this.#add({ payload, at: now, resolve: undefined, reject: undefined });
    return payload;
  }

  /** Registers a ping of the application's. */
  request(data: Uint8Array | undefined, now: number): { payload: Uint8Array; answer: Promise<number> } {
    const payload = data ?? this.#counter();
    const answer = new Promise<number>((resolve, reject) => {
      this.#add({ payload, at: now, resolve, reject });
    });
    return { payload, answer };
  }

  answered(payload: Uint8Array, now: number): void {
    const waiting = this.#waiting;
    const index = waiting?.findIndex((ping) => sameBytes(ping.payload, payload)) ?? -1;
    if (waiting === undefined || index < 0) return;
    const done = waiting.splice(0, index + 1);
    this.latency = now - (done[index] as Ping).at;
    for (const ping of done) ping.resolve?.(now - ping.at);
  }

  over(closure: Closure): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) for (const ping of waiting) ping.reject?.(new ClosedError(closure));
  }

  #add(ping: Ping): void {
    this.#waiting ??= [];
    this.#waiting.push(ping);
    if (this.#waiting.length <= remembered) return;
    const forgettable = this.#waiting.findIndex((old) => old.resolve === undefined);
    if (forgettable >= 0) this.#waiting.splice(forgettable, 1);
  }

  #counter(): Uint8Array {
    this.#count = (this.#count + 1) >>> 0;
    return Uint8Array.of(this.#count >>> 24, this.#count >>> 16, this.#count >>> 8, this.#count);
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
