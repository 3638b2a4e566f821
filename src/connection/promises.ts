/**
 * Promises that a peer's going away may reject.
 *
 * The rule of this file: what a peer causes must not take the process down when nobody looks at the promise; what
 * the application did wrong stays a rejection that has to be handled.
 */
import { ClosedError } from './errors.ts';

function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** A promise that is rejected already, and that nobody has to handle. */
export const refused = (error: Error): Promise<never> => quietly(Promise.reject(error));

/**
 * A promise with its two ends. Rejected with a `ClosedError`, nobody has to handle it.
 *
 * Methods, not closures: a million messages may wait for one slow peer.
 */
export class Deferred {
  readonly promise: Promise<void>;
  #resolve: (() => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor() {
    this.promise = new Promise<void>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  resolve(): void {
    this.#resolve?.();
  }

  reject(error: unknown): void {
    if (error instanceof ClosedError) quietly(this.promise);
    this.#reject?.(error);
  }
}
