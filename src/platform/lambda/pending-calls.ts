/**
 * The calls of one invocation that have not settled yet.
 *
 * The rule of this file: an invocation answers only when they have. Lambda freezes the process with the answer, and
 * with it every request that is still on its way.
 */
import { ClosedError } from './errors.ts';

/** Promises of calls that have not settled yet. */
export class PendingCalls {
  readonly #pending = new Set<Promise<unknown>>();

  /**
   * Keeps a call in view. Its failure never becomes an unhandled rejection: a peer that left must not end the
   * process of a function which did not await its `send`.
   */
  track<Answer>(promise: Promise<Answer>): Promise<Answer> {
    this.#pending.add(promise);
    const settled = () => this.#pending.delete(promise);
    promise.then(settled, settled);
    return promise;
  }

  /** Waits until nothing is pending, and tells the failures of what was. Connections that are gone are no failure. */
  async settle(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    while (this.#pending.size > 0) {
      for (const result of await Promise.allSettled([...this.#pending])) {
        if (result.status === 'rejected' && !(result.reason instanceof ClosedError))
          failures.push(result.reason);
      }
    }
    return failures;
  }
}
