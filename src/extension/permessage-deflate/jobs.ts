/**
 * Long messages, on Node's thread pool, so that the event loop stays free (RFC 7692 leaves the how to us).
 *
 * The rule of this file: a job has a context of its own, made for it and freed after it, so that no context is ever
 * used from two places. No more than `concurrency` run at a time: zlib would fill the pool that files and DNS use too.
 */
import { deflateRaw, inflateRaw } from 'node:zlib';
import { type Deflater, storedBlocks, withoutTail } from './deflater.ts';
import type { Inflated, Inflater } from './inflater.ts';
import { completed, isAll, judgeFailure, readOnce, tookTail, withoutTailOptions } from './once.ts';
import { plainView } from './views.ts';

/** Runs a piece of work; `finished` is to be called when it is over, once. */
type Job = (finished: () => void) => void;

/** A queue in front of the thread pool. */
export class Jobs {
  readonly #concurrency: number;
  readonly #waiting: Job[] = [];
  #running = 0;

  /** @param concurrency the most jobs that run at a time, at least 1 */
  constructor(concurrency: number) {
    this.#concurrency = concurrency;
  }

  /** Runs the job now or as soon as another one is over. Jobs start in order. */
  add(job: Job): void {
    if (this.#running >= this.#concurrency) {
      this.#waiting.push(job);
      return;
    }
    this.#running += 1;
    job(() => {
      this.#running -= 1;
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.add(next);
      }
    });
  }
}

/** Compresses a message of any length. Should zlib fail, which takes a lack of memory, the message goes as it is. */
export const deflateLater = (
  deflater: Deflater,
  payload: Uint8Array,
  done: (compressed: Buffer) => void,
): void => {
  deflateRaw(payload, deflater.onceOptions(), (error, flushed) => {
    done(error === null ? withoutTail(flushed) : storedBlocks(payload));
  });
};

type Done = (inflated: Exclude<Inflated, 'later'>) => void;

/**
 * Answers when zlib's callback has returned. An error made within it would keep the stream of zlib and all that it has
 * made alive for as long as somebody keeps the error, such as in a closure's `cause`: V8 holds on to every receiver on
 * the stack until the trace is asked for.
 */
const answer = (done: Done, inflated: Exclude<Inflated, 'later'>): void =>
  queueMicrotask(() => done(inflated));

/** Decompresses a message of any length. */
export const inflateLater = (inflater: Inflater, payload: Uint8Array, limit: number, done: Done): void => {
  const options = inflater.onceOptions(inflater.window(), limit);
  inflateRaw(completed(payload), options, (error, result: unknown) => {
    const once = error === null ? readOnce(result, payload) : undefined;
    if (once === undefined) {
      answer(done, judgeFailure(error));
    } else if (once.message.length > limit) {
      answer(done, 'messageTooBig');
    } else if (tookTail(once)) {
      inflateRaw(plainView(payload), withoutTailOptions(options), (failure, alone: unknown) => {
        answer(done, failure === null && isAll(alone, once) ? once.message : 'extensionData');
      });
    } else {
      answer(done, once.message);
    }
  });
};
